import type { eventstream_rpc, greengrasscoreipc } from 'aws-iot-device-sdk-v2';
import { FoyerError } from '@foyer/contracts';

import type { Clock } from '../clock.ts';
import { within } from '../within.ts';
import { ipcError } from './errors.ts';
import type { IpcSdk } from './sdk.ts';

type Client = greengrasscoreipc.Client;

/** The SDK's promises may never settle, so each call ends after this at the latest. */
export const callTimeoutMs = 5000;

/** How a component says who it is. */
export type Credential =
  | { kind: 'token'; token: string }
  /** Nucleus lite also knows a component by its systemd unit, whatever became of its token. */
  | { kind: 'name'; component: string };

export interface IpcOptions {
  sdk: IpcSdk;
  clock: Clock;
  socketPath: string;
  credential: Credential;
  callTimeoutMs?: number;
}

/** A streaming operation of the SDK whose requests and answers do not matter. */
type Operation<Message> = eventstream_rpc.StreamingOperation<never, unknown, void, Message>;

export interface StreamListener<Message> {
  message(message: Message): void;
  /** The nucleus ended the stream. It may also die without a word. */
  ended?(): void;
}

/** A subscription at the nucleus. */
export interface IpcStream {
  /** Idempotent. */
  close(): void;
}

/** One connection to a nucleus, from dialling to its end. */
export class IpcConnection {
  readonly #clock: Clock;
  readonly #client: Client;
  readonly #callTimeoutMs: number;
  #closed = false;
  #onClosed: () => void = () => {};

  private constructor(client: Client, options: IpcOptions) {
    this.#client = client;
    this.#clock = options.clock;
    this.#callTimeoutMs = options.callTimeoutMs ?? callTimeoutMs;
    client.on('disconnection', () => this.#end());
  }

  /** Throws FoyerError `identity-refused` for a credential, `link-down` or `timeout`. */
  static async open(options: IpcOptions): Promise<IpcConnection> {
    const { sdk, socketPath, credential, clock } = options;
    const { io } = sdk;
    const client = sdk.greengrasscoreipc.createClient({
      hostName: socketPath,
      port: 0,
      socketOptions: new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.LOCAL),
      connectTransform: async ({ message }) => ({
        ...message,
        payload: JSON.stringify(
          credential.kind === 'token'
            ? { authToken: credential.token }
            : { componentName: credential.component },
        ),
      }),
    });
    const connection = new IpcConnection(client, options);
    try {
      await within(clock, 'ipc-connect', connection.#callTimeoutMs, client.connect());
      return connection;
    } catch (error) {
      connection.close();
      throw ipcError('the connection', error);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Called once; at once when it is over already. */
  onClosed(listener: () => void): void {
    this.#onClosed = listener;
    if (this.#closed) listener();
  }

  /** Throws FoyerError `timeout`, `link-down`, `identity-refused` or `nucleus-refused`. */
  async call<T>(what: string, request: (client: Client) => Promise<T>): Promise<T> {
    if (this.#closed) throw new FoyerError('link-down', 'The nucleus is not connected.');
    try {
      const answer = request(this.#client);
      return await within(this.#clock, `ipc ${what}`, this.#callTimeoutMs, answer);
    } catch (error) {
      throw ipcError(what, error);
    }
  }

  /** Subscribes; throws as `call` does. */
  async stream<Message>(
    what: string,
    open: (client: Client) => Operation<Message>,
    listener: StreamListener<Message>,
  ): Promise<IpcStream> {
    if (this.#closed) throw new FoyerError('link-down', 'The nucleus is not connected.');
    let operation: Operation<Message> | null = null;
    let over = false;
    const close = (): void => {
      over = true;
      operation?.close().catch(() => {});
    };
    try {
      operation = open(this.#client);
      operation.on('message', (message) => {
        if (!over) listener.message(message);
      });
      operation.on('streamError', () => {
        // A message that the SDK cannot read is as good as lost.
      });
      operation.on('ended', () => {
        if (!over) listener.ended?.();
      });
      await within(this.#clock, `ipc ${what}`, this.#callTimeoutMs, operation.activate());
      return { close };
    } catch (error) {
      close();
      throw ipcError(what, error);
    }
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) this.#client.close().catch(() => {});
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
  }
}
