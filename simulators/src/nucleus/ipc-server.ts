import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

import { isNestedDeeper } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import { z } from 'zod';

import type { NucleusBehaviour } from './behaviour.ts';
import { encodeRpc, messageFlags, messageTypes, RpcReader, type RpcMessage } from './wire.ts';

/** A refusal that the SDK reads as an error of the service's model. */
export class IpcRefusal extends Error {
  readonly shape: string;

  constructor(
    shape: 'ServiceError' | 'UnauthorizedError' | 'ResourceNotFoundError' | 'InvalidArgumentsError',
    message: string,
  ) {
    super(message);
    this.shape = shape;
  }
}

/** A stream that stays open after its first answer. */
export interface ServerStream {
  /** @param shape the event's, without namespace */
  send(shape: string, event: object): void;
  /** Called when the client or the connection ends it; not where a daemon forgets it. */
  onEnd(listener: () => void): void;
}

/** One request of a component. */
export interface IpcCall {
  component: string;
  request: unknown;
  /** For operations that stream; the answer is sent before the first event. */
  stream: ServerStream;
}

export interface IpcOperation {
  streams?: boolean;
  /** @returns the answer's payload. Throws IpcRefusal. */
  handle(call: IpcCall): object | Promise<object>;
}

export interface IpcServerOptions {
  socketPath: string;
  behaviour: NucleusBehaviour;
  /** By name, such as `PublishToIoTCore`. */
  operations: ReadonlyMap<string, IpcOperation>;
  /** The component that was started with a token; null: it is not known (any more). */
  componentOf: (token: string) => string | null;
  /** Whether a component of this name runs. */
  isRunning: (component: string) => boolean;
  logger: Logger;
}

const namespace = 'aws.greengrass#';
const connectSchema = z.looseObject({
  authToken: z.string().optional(),
  componentName: z.string().optional(),
});

/** One component's connection. */
class Client {
  readonly socket: Socket;
  readonly reader: RpcReader;
  component: string | null = null;
  readonly ends = new Map<number, () => void>();

  constructor(socket: Socket, maxIpcBytes: number) {
    this.socket = socket;
    this.reader = new RpcReader(maxIpcBytes);
  }

  endAll(): void {
    for (const end of this.ends.values()) end();
    this.ends.clear();
  }
}

/** Serves a nucleus's socket: event-stream RPC, as the AWS IoT device SDK speaks it. */
export class IpcServer {
  readonly #options: IpcServerOptions;
  readonly #clients = new Set<Client>();
  #server: Server | null = null;
  /** Operations that get no answer, as an SDK's promise that never settles. */
  readonly silent = new Set<string>();
  /** Connections that were refused so far. */
  refused = 0;
  /** It takes everything in and answers nothing. */
  hung = false;

  constructor(options: IpcServerOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    const { socketPath } = this.#options;
    rmSync(socketPath, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    this.#server = server;
    this.hung = false;
  }

  /** Every connection ends, nobody can connect. Idempotent. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    const server = this.#server;
    this.#server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const client = new Client(socket, this.#options.behaviour.maxIpcBytes);
    this.#clients.add(client);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#clients.delete(client);
      client.endAll();
    });
    socket.on('data', (bytes) => {
      if (this.hung) return;
      try {
        for (const message of client.reader.feed(bytes)) this.#take(client, message);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.logger.warn('ipc-connection-closed', { component: client.component, reason });
        socket.destroy();
      }
    });
  }

  #take(client: Client, message: RpcMessage): void {
    if (message.type === messageTypes.ping) {
      this.#write(client, { ...message, type: messageTypes.pong });
    } else if (client.component === null) {
      this.#connect(client, message);
    } else if ((message.flags & messageFlags.terminate) !== 0) {
      client.ends.get(message.streamId)?.();
      client.ends.delete(message.streamId);
    } else if (message.operation !== undefined) {
      void this.#call(client, client.component, message);
    }
  }

  #connect(client: Client, message: RpcMessage): void {
    const component =
      message.type === messageTypes.connect ? this.#whoIs(parse(message.payload)) : null;
    client.component = component;
    if (component === null) this.refused += 1;
    if (component === null && this.#options.behaviour.kind === 'lite') {
      client.socket.destroy();
      return;
    }
    const flags = component === null ? 0 : messageFlags.accepted;
    const payload = Buffer.alloc(0);
    this.#write(client, { type: messageTypes.connectAck, flags, streamId: 0, payload });
  }

  #whoIs(payload: unknown): string | null {
    const { behaviour, componentOf, isRunning } = this.#options;
    const { authToken, componentName } = connectSchema.parse(payload);
    if (authToken !== undefined) return componentOf(authToken);
    const byName = behaviour.connectsByName && componentName !== undefined;
    return byName && isRunning(componentName) ? componentName : null;
  }

  async #call(client: Client, component: string, message: RpcMessage): Promise<void> {
    const { operations, behaviour, logger } = this.#options;
    const name = message.operation?.replace(namespace, '') ?? '';
    const { streamId } = message;
    const request = parse(message.payload);
    if (isNestedDeeper(request, behaviour.hangsBeyondNesting)) {
      logger.error('nucleus-hung', { component, operation: name });
      this.hung = true;
      return;
    }
    if (this.silent.has(name)) return;
    const early: (() => void)[] = [];
    let answered = false;
    const stream: ServerStream = {
      send: (shape, event) => {
        const send = (): void => this.#answer(client, streamId, shape, event, 0);
        if (answered) send();
        else early.push(send);
      },
      onEnd: (listener) => client.ends.set(streamId, listener),
    };
    const operation = operations.get(name);
    try {
      if (operation === undefined) throw new IpcRefusal('ServiceError', `No operation ${name}.`);
      const answer = await operation.handle({ component, request, stream });
      const flags = operation.streams === true ? 0 : messageFlags.terminate;
      this.#answer(client, streamId, `${name}Response`, answer, flags);
      answered = true;
      for (const send of early) send();
    } catch (error) {
      this.#refuse(client, streamId, error);
    }
  }

  #answer(client: Client, streamId: number, shape: string, body: object, flags: number): void {
    const payload = Buffer.from(JSON.stringify(body));
    const model = `${namespace}${shape}`;
    this.#write(client, { type: messageTypes.application, flags, streamId, model, payload });
  }

  #refuse(client: Client, streamId: number, error: unknown): void {
    const lite = this.#options.behaviour.kind === 'lite';
    const message = error instanceof Error ? error.message : String(error);
    const shape = error instanceof IpcRefusal ? error.shape : 'ServiceError';
    // Lite names the text otherwise, and the SDK then reads none.
    const body = lite ? { _message: message, _errorCode: shape } : { message, _errorCode: shape };
    const payload = Buffer.from(JSON.stringify(body));
    const head = { type: messageTypes.error, flags: messageFlags.terminate, streamId };
    this.#write(client, { ...head, model: `${namespace}${shape}`, payload });
  }

  #write(client: Client, message: RpcMessage): void {
    if (this.hung || client.socket.destroyed) return;
    const bytes = encodeRpc(message);
    if (bytes.byteLength > this.#options.behaviour.maxIpcBytes) {
      this.#options.logger.warn('ipc-message-dropped', { sizeBytes: bytes.byteLength });
      return;
    }
    client.socket.write(bytes);
  }
}

function parse(payload: Uint8Array): unknown {
  return payload.byteLength === 0 ? {} : (JSON.parse(Buffer.from(payload).toString()) as unknown);
}
