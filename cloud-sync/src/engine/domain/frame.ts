import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib';

import {
  bodyCodings,
  FoyerError,
  frameHeaderBytes,
  isNestedDeeper,
  maxNesting,
  maxUnpackedBytes,
  messageSchema,
  oldestProtocolVersion,
  protocolVersion,
  type Message,
} from '@foyer/contracts';

import { HeartbeatMemory, heartbeatText } from './heartbeat-text.ts';
import { PieceGatherer } from './pieces.ts';

/** How a body may be sent: `br` needs the peer's consent. */
export type FrameCoding = 'json' | 'br';

/** Below this many bytes compression saves nothing that a packet would notice. */
const smallestCompressedBytes = 1024;
/** Heartbeats go four times a second to everybody: unpacking them costs more than sending them. */
const smallestCompressedHeartbeatBytes = 8192;
/**
 * Chosen by measurement: 100,000 tickets take 17.2 bytes a row at quality 2, 16.4 at 5, which costs
 * twice the processor time.
 */
const brotliQuality = 2;
const brotliWindowBits = 18;

function compress(body: Uint8Array): Uint8Array {
  return brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_LGWIN]: brotliWindowBits,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
    },
  });
}

/** Frames of messages that go to several receivers, by coding. */
const encoded = { json: new WeakMap<Message, Buffer>(), br: new WeakMap<Message, Buffer>() };

/**
 * A message as the bytes that a link carries. Neither may be changed from then on: who sends the
 * same message to several receivers gets the same bytes. What would exceed `maxBytes` is compressed
 * whatever it saves, where the coding allows it.
 */
export function encodeFrame(
  message: Message,
  coding: FrameCoding = 'json',
  maxBytes = Number.POSITIVE_INFINITY,
): Uint8Array {
  const known = encoded[coding].get(message);
  if (known !== undefined && known.byteLength <= maxBytes) return known;
  const frame = makeFrame(message, coding, maxBytes);
  encoded[coding].set(message, frame);
  return frame;
}

function makeFrame(message: Message, coding: FrameCoding, maxBytes: number): Buffer {
  const isHeartbeat = message.type === 'heartbeat';
  const json = Buffer.from(isHeartbeat ? heartbeatText(message) : JSON.stringify(message));
  const smallest = isHeartbeat ? smallestCompressedHeartbeatBytes : smallestCompressedBytes;
  const tooLarge = frameHeaderBytes + json.byteLength > maxBytes;
  const packed = coding === 'br' && (json.byteLength >= smallest || tooLarge);
  const body = packed ? compress(json) : json;
  const frame = Buffer.allocUnsafe(frameHeaderBytes + body.byteLength);
  frame[0] = protocolVersion;
  frame[1] = packed ? bodyCodings.brotli : bodyCodings.json;
  frame.writeUInt32BE(crc32(body), 2);
  frame.set(body, frameHeaderBytes);
  return frame;
}

function unpack(coding: number, body: Buffer): Buffer {
  if (coding === bodyCodings.json) return body;
  if (coding !== bodyCodings.brotli) {
    throw new FoyerError('unparsable', `A frame has the unknown body coding ${coding}.`);
  }
  try {
    return brotliDecompressSync(body, { maxOutputLength: maxUnpackedBytes });
  } catch (cause) {
    const tooLarge =
      cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    if (!tooLarge) throw new FoyerError('unparsable', 'A frame does not unpack.', { cause });
    throw new FoyerError(
      'payload-too-large',
      `A frame unpacks to more than ${maxUnpackedBytes} bytes.`,
      { cause },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FoyerError('unparsable', "A frame's body is not JSON.", { cause });
  }
}

/** The JSON that a frame carries, checked and unpacked. */
function openFrame(bytes: Uint8Array): Buffer {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (frame.byteLength <= frameHeaderBytes) {
    throw new FoyerError('unparsable', `A payload of ${frame.byteLength} bytes is not a frame.`);
  }
  const version = frame.readUInt8(0);
  const body = frame.subarray(frameHeaderBytes);
  if (version < oldestProtocolVersion || version > protocolVersion) {
    throw new FoyerError('unsupported-version', `A peer speaks protocol version ${version}.`);
  }
  if (body.byteLength > maxUnpackedBytes) {
    throw new FoyerError('payload-too-large', `A frame holds ${body.byteLength} bytes.`);
  }
  if (crc32(body) !== frame.readUInt32BE(2)) {
    throw new FoyerError('damaged-frame', 'The checksum of a frame is wrong.');
  }
  return unpack(frame.readUInt8(1), body);
}

function parseMessage(text: string): Message {
  const json = parseJson(text);
  if (isNestedDeeper(json, maxNesting)) {
    throw new FoyerError('unparsable', `A message nests deeper than ${maxNesting} levels.`);
  }
  const parsed = messageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FoyerError(
    'unparsable',
    `A message is not as agreed at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
  );
}

/** Messages by the very bytes that they came in: a payload that several readers share. */
const decoded = new WeakMap<Uint8Array, Message>();

/**
 * The message of a frame. Neither may be changed from then on: whoever else reads these very bytes
 * gets the same message.
 *
 * Throws FoyerError `unsupported-version`, `damaged-frame` (checksum), `payload-too-large` (more
 * than `maxUnpackedBytes`) or `unparsable`; nothing else, whatever the bytes are.
 */
export function decodeFrame(bytes: Uint8Array): Message {
  const known = decoded.get(bytes);
  if (known !== undefined) return known;
  const message = parseMessage(openFrame(bytes).toString('utf8'));
  decoded.set(bytes, message);
  return message;
}

/**
 * Reads one peer's payloads as `decodeFrame` does, in pieces too, and quicker where the peer
 * repeats itself.
 */
export class FrameReader {
  readonly #heartbeats = new HeartbeatMemory();
  readonly #pieces = new PieceGatherer();

  /** The message of a frame; null: more pieces of it are to come. Throws as `decodeFrame` does. */
  read(payload: Uint8Array): Message | null {
    const bytes = this.#pieces.take(payload);
    if (bytes === null) return null;
    const message = decoded.get(bytes) ?? this.#read(bytes);
    if (message.type === 'heartbeat') this.#heartbeats.keepRead(message);
    return message;
  }

  #read(bytes: Uint8Array): Message {
    const body = openFrame(bytes);
    let message: Message | null = this.#heartbeats.recall(body);
    if (message === null) {
      message = parseMessage(body.toString('utf8'));
      if (message.type === 'heartbeat') this.#heartbeats.keep(body, message);
    }
    decoded.set(bytes, message);
    return message;
  }
}
