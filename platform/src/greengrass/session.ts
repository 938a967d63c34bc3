import { FoyerError, isFoyerError } from '@foyer/contracts';

import { backoffMs, lanBackoff, type Backoff } from '../backoff.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Random } from '../random.ts';
import { IpcConnection, type Credential } from './connection.ts';
import type { NucleusAddress } from './environment.ts';
import { endedHandshake } from './errors.ts';
import type { IpcSdk } from './sdk.ts';

export interface SessionOptions extends NucleusAddress {
  sdk: IpcSdk;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** The component's name, such as `com.foyer.EdgeAgent`. */
  component: string;
  /** Up to 5 s when absent: it is a socket of this machine. */
  backoff?: Backoff;
  /** 5,000 when absent. */
  callTimeoutMs?: number;
  /** The nucleus knows this component no more: only a new start gives it a token. */
  onRefused: () => void;
}

/** So many handshakes in a row without an answer are a refusal; fewer, a nucleus that goes down. */
const endedHandshakesToRefusal = 5;

const nucleusBackoff: Backoff = { baseMs: lanBackoff.baseMs, capMs: 5000 };

/** What is done at each new connection; `down` is told of each loss. */
export interface SessionListener {
  up(connection: IpcConnection): void;
  down(): void;
}

const isRefusal = (error: unknown): boolean =>
  isFoyerError(error) && error.code === 'identity-refused';

/** Keeps a connection to the nucleus, made again for ever. */
export class NucleusSession {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<SessionListener>();
  #connection: IpcConnection | null = null;
  #failures = 0;
  #endedHandshakes = 0;
  #retry: Timer | null = null;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get sdk(): IpcSdk {
    return this.#options.sdk;
  }

  /** Dials once and waits; throws as `IpcConnection.open`. Later ones come by themselves. */
  async start(): Promise<void> {
    try {
      this.#take(await this.#open());
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Throws FoyerError `link-down` while there is none. */
  connection(): IpcConnection {
    if (this.#connection !== null) return this.#connection;
    throw new FoyerError('link-down', 'The nucleus is not connected.');
  }

  /** The listener hears at once of a connection that is there. */
  listen(listener: SessionListener): void {
    this.#listeners.add(listener);
    if (this.#connection !== null) listener.up(this.#connection);
  }

  forget(listener: SessionListener): void {
    this.#listeners.delete(listener);
  }

  /** Gives a connection up that does not answer any more, and dials again. */
  renew(): void {
    this.#connection?.close();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#listeners.clear();
    this.#connection?.close();
    this.#connection = null;
  }

  async #open(): Promise<IpcConnection> {
    const { token, component } = this.#options;
    try {
      return await this.#dial({ kind: 'token', token });
    } catch (error) {
      if (!isRefusal(error) && !endedHandshake(error)) throw error;
      return this.#dial({ kind: 'name', component });
    }
  }

  async #dial(credential: Credential): Promise<IpcConnection> {
    const { sdk, clock, socketPath, callTimeoutMs } = this.#options;
    const limit = callTimeoutMs === undefined ? {} : { callTimeoutMs };
    return IpcConnection.open({ sdk, clock, socketPath, credential, ...limit });
  }

  #take(connection: IpcConnection): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    this.#failures = 0;
    this.#endedHandshakes = 0;
    this.#connection = connection;
    this.#options.logger.info('nucleus-connected', {});
    connection.onClosed(() => this.#lose(connection));
    for (const listener of this.#listeners) {
      if (this.#connection === connection) listener.up(connection);
    }
  }

  #lose(connection: IpcConnection): void {
    if (this.#connection !== connection || this.#closed) return;
    this.#connection = null;
    this.#options.logger.warn('nucleus-lost', {});
    for (const listener of this.#listeners) listener.down();
    this.#later();
  }

  #later(): void {
    const { clock, random, backoff = nucleusBackoff } = this.#options;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, backoff, random);
    this.#retry = clock.setTimer('nucleus-reconnect', delayMs, () => {
      this.#open().then(
        (connection) => this.#take(connection),
        (error: unknown) => this.#fail(error),
      );
    });
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    const { logger, onRefused } = this.#options;
    this.#endedHandshakes = endedHandshake(error) ? this.#endedHandshakes + 1 : 0;
    const refused = isRefusal(error) || this.#endedHandshakes >= endedHandshakesToRefusal;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn('nucleus-unreachable', { reason, refused });
    if (refused) onRefused();
    this.#later();
  }
}
