import { EventStreamCodec, type MessageHeaders } from '@smithy/core/event-streams';
import { z } from 'zod';

/** What a message of event-stream RPC is: the header `:message-type`. */
export const messageTypes = {
  application: 0,
  error: 1,
  ping: 2,
  pong: 3,
  connect: 4,
  connectAck: 5,
} as const;

/** Bits of the header `:message-flags`. */
export const messageFlags = { accepted: 1, terminate: 2 } as const;

/** One message, as client and server speak it over a nucleus's socket. */
export interface RpcMessage {
  type: number;
  flags: number;
  /** 0 for the connection itself. */
  streamId: number;
  /** The operation's name; on a stream's first message from the client. */
  operation?: string | undefined;
  /** The shape of the payload, `aws.greengrass#GetConfigurationResponse`. */
  model?: string | undefined;
  payload: Uint8Array;
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

const integer = (value: number): MessageHeaders[string] => ({ type: 'integer', value });
const text = (value: string): MessageHeaders[string] => ({ type: 'string', value });

export function encodeRpc(message: RpcMessage): Uint8Array {
  const headers: MessageHeaders = {
    ':message-type': integer(message.type),
    ':message-flags': integer(message.flags),
    ':stream-id': integer(message.streamId),
  };
  if (message.operation !== undefined) headers['operation'] = text(message.operation);
  if (message.model !== undefined) {
    headers[':content-type'] = text('application/json');
    headers['service-model-type'] = text(message.model);
  }
  return codec.encode({ headers, body: message.payload });
}

const headersSchema = z.looseObject({
  ':message-type': z.object({ value: z.int() }),
  ':message-flags': z.object({ value: z.int() }),
  ':stream-id': z.object({ value: z.int() }),
  operation: z.object({ value: z.string() }).optional(),
  'service-model-type': z.object({ value: z.string() }).optional(),
});

function decodeRpc(bytes: Uint8Array): RpcMessage {
  const { headers, body } = codec.decode(bytes);
  const known = headersSchema.parse(headers);
  return {
    type: known[':message-type'].value,
    flags: known[':message-flags'].value,
    streamId: known[':stream-id'].value,
    operation: known.operation?.value,
    model: known['service-model-type']?.value,
    payload: body,
  };
}

const lengthBytes = 4;

/** Cuts what a socket brings into messages. */
export class RpcReader {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param maxBytes a longer message is an error */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are whole now. Throws for one that is too long or damaged. */
  feed(bytes: Buffer): RpcMessage[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: RpcMessage[] = [];
    while (this.#rest.byteLength >= lengthBytes) {
      const sizeBytes = this.#rest.readUInt32BE();
      if (sizeBytes > this.#maxBytes) throw new RangeError(`A message of ${sizeBytes} bytes.`);
      if (this.#rest.byteLength < sizeBytes) break;
      messages.push(decodeRpc(this.#rest.subarray(0, sizeBytes)));
      this.#rest = this.#rest.subarray(sizeBytes);
    }
    return messages;
  }
}
