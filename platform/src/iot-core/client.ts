import { FoyerError, isFoyerError } from '@foyer/contracts';

import { backoffMs, wanBackoff, type Backoff } from '../backoff.ts';
import type { Clock, Timer } from '../clock.ts';
import { ioTCoreLimits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { nodeClock } from '../node/clock.ts';
import { silentLogger } from '../node/logger.ts';
import { nodeRandom } from '../node/random.ts';
import type { Random } from '../random.ts';
import type { TopicClient, TopicListener, TopicQos, TopicSubscription } from '../topic-client.ts';
import { topicMatches } from '../topic-filter.ts';
import { openConnection, type IotConnection, type Proof } from './connection.ts';
import type { IotSdk } from './sdk.ts';

export interface IotCoreOptions {
  sdk: IotSdk;
  /** The account's data endpoint, `PREFIX-ats.iot.REGION.amazonaws.com`. */
  host: string;
  /** 8883 or, with SigV4, 443 when absent. */
  port?: number;
  /** The thing's name: policies speak of it, and IoT Core ends an older connection of that name. */
  clientId: string;
  /** Asked for at each dial, so that renewed certificates and credentials are taken up. */
  proof: () => Proof | Promise<Proof>;
  /** 30 when absent; IoT Core takes 30 to 1200. */
  keepaliveS?: number;
  backoff?: Backoff;
  logger?: Logger;
  clock?: Clock;
  random?: Random;
}

interface Wish {
  filters: readonly string[];
  listener: TopicListener;
  qos: TopicQos;
  inForce: boolean;
}

/** A subscription that was refused is asked for again after this: policies are mended meanwhile. */
const refusedRetryMs = 30_000;

class IotCoreClient implements TopicClient {
  readonly maxPayloadBytes = ioTCoreLimits.maxPayloadBytes;
  readonly #options: IotCoreOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #wishes = new Set<Wish>();
  #connection: IotConnection | null = null;
  #ready = false;
  #failures = 0;
  #retry: Timer | null = null;
  #refused: Timer | null = null;
  #closed = false;

  constructor(options: IotCoreOptions) {
    this.#options = options;
    this.#clock = options.clock ?? nodeClock();
    this.#random = options.random ?? nodeRandom();
    this.#logger = options.logger ?? silentLogger();
    void this.#dial();
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    if (payload.byteLength > this.maxPayloadBytes) {
      const message = `${payload.byteLength} bytes for ${topic}: over ${this.maxPayloadBytes}.`;
      throw new FoyerError('payload-too-large', message);
    }
    if (!this.#ready || this.#connection === null) throw notConnected();
    await this.#connection.publish(topic, payload);
  }

  subscribe(
    filters: readonly string[],
    listener: TopicListener,
    qos: TopicQos = 1,
  ): TopicSubscription {
    const wish: Wish = { filters, listener, qos, inForce: false };
    if (!this.#closed) this.#wishes.add(wish);
    if (this.#ready) void this.#fulfil(wish);
    return { close: () => this.#drop(wish) };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready = false;
    this.#retry?.cancel();
    this.#refused?.cancel();
    this.#wishes.clear();
    const connection = this.#connection;
    this.#connection = null;
    await connection?.end();
  }

  async #dial(): Promise<void> {
    const { sdk, host, port, clientId, keepaliveS = 30 } = this.#options;
    try {
      const proof = await this.#options.proof();
      if (this.#closed) return;
      const common = { sdk, clock: this.#clock, host, clientId, keepaliveS, proof };
      const connection = openConnection(port === undefined ? common : { ...common, port }, {
        ready: () => this.#becomeReady(),
        payload: (topic, payload) => this.#receive(topic, payload),
        closed: (reason) => this.#lose(reason),
      });
      this.#connection = connection;
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error));
    }
  }

  #becomeReady(): void {
    this.#failures = 0;
    this.#ready = true;
    this.#logger.info('iot-core-connected', { clientId: this.#options.clientId });
    for (const wish of this.#wishes) void this.#fulfil(wish);
  }

  async #fulfil(wish: Wish): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
    const isStale = (): boolean => this.#connection !== connection || !this.#wishes.has(wish);
    try {
      await connection.subscribe(wish.filters, wish.qos);
      if (isStale()) return;
      wish.inForce = true;
      wish.listener.ready?.();
    } catch (error) {
      if (isStale()) return;
      this.#refuse(wish, error);
    }
  }

  #refuse(wish: Wish, error: unknown): void {
    const reason = isFoyerError(error) ? error : notConnected();
    this.#logger.warn('iot-core-subscription', { code: reason.code, reason: reason.message });
    wish.listener.lost?.(reason);
    this.#refused ??= this.#clock.setTimer('iot-core-refused', refusedRetryMs, () => {
      this.#refused = null;
      if (!this.#ready) return;
      for (const other of this.#wishes) if (!other.inForce) void this.#fulfil(other);
    });
  }

  #drop(wish: Wish): void {
    if (!this.#wishes.delete(wish) || !this.#ready) return;
    const others = [...this.#wishes].flatMap(({ filters }) => filters);
    const unused = wish.filters.filter((filter) => !others.includes(filter));
    // What still comes in is for nobody; the next connection does not ask for it.
    if (unused.length > 0) this.#connection?.unsubscribe(unused).catch(() => {});
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#connection = null;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, this.#options.backoff ?? wanBackoff, this.#random);
    this.#logger.warn('iot-core-lost', { reason, wasReady, retryMs: delayMs });
    this.#retry = this.#clock.setTimer('iot-core-reconnect', delayMs, () => void this.#dial());
    for (const wish of this.#wishes) {
      if (!wish.inForce) continue;
      wish.inForce = false;
      wish.listener.lost?.(new FoyerError('link-down', `IoT Core is not connected: ${reason}.`));
    }
  }

  #receive(topic: string, payload: Uint8Array): void {
    if (this.#closed) return;
    for (const wish of this.#wishes) {
      if (!wish.filters.some((filter) => topicMatches(filter, topic))) continue;
      wish.listener.message(topic, payload);
    }
  }
}

function notConnected(): FoyerError {
  return new FoyerError('link-down', 'IoT Core is not connected.');
}

/**
 * A connection to AWS IoT Core, dialled at once and for ever again: MQTT 5, QoS 1, clean sessions.
 * Data and control share it, because IoT Core allows one connection to a client's name.
 */
export function iotCoreClient(options: IotCoreOptions): TopicClient {
  return new IotCoreClient(options);
}
