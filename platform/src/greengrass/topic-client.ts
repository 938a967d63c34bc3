import { FoyerError, isFoyerError } from '@foyer/contracts';

import type { Clock, Timer } from '../clock.ts';
import type { LinkLimits } from '../link.ts';
import type { Logger } from '../logger.ts';
import type { Random } from '../random.ts';
import type { TopicClient, TopicListener, TopicSubscription } from '../topic-client.ts';
import { Canary } from './canary.ts';
import type { IpcConnection, IpcStream } from './connection.ts';
import type { NucleusSession, SessionListener } from './session.ts';

export interface IpcTopicOptions {
  session: NucleusSession;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Those of the nucleus. */
  limits: LinkLimits;
  /** A topic of this node's own, which nobody else subscribes to. */
  canaryTopic: string;
  /** A canary is sent so often; 15,000 when absent. */
  canaryEveryMs?: number;
  /** One that is not back within so long is dead; 10,000 when absent. */
  canaryPatienceMs?: number;
}

interface Wish {
  filters: readonly string[];
  listener: TopicListener;
  streams: IpcStream[];
  inForce: boolean;
}

/** A subscription that was refused is asked for again after this: policies are mended meanwhile. */
const refusedRetryMs = 30_000;

/** Publishes and subscribes at IoT Core through a nucleus. */
class IpcTopicClient implements TopicClient {
  readonly maxPayloadBytes: number;
  readonly #options: IpcTopicOptions;
  readonly #wishes = new Set<Wish>();
  readonly #canary: Canary;
  readonly #listener: SessionListener;
  /** Another number after each loss: what was begun before is stale. */
  #generation = 0;
  #connection: IpcConnection | null = null;
  #alive = false;
  #refused: Timer | null = null;
  #closed = false;

  constructor(options: IpcTopicOptions) {
    const { clock, random, session, canaryTopic } = options;
    this.#options = options;
    this.maxPayloadBytes = options.limits.maxPayloadBytes;
    this.#canary = new Canary({
      clock,
      random,
      everyMs: options.canaryEveryMs ?? 15_000,
      patienceMs: options.canaryPatienceMs ?? 10_000,
      publish: async (payload) => this.#send(canaryTopic, payload),
      subscribe: async (heard) => this.#stream(canaryTopic, (_topic, payload) => heard(payload)),
      alive: () => this.#revive(),
      dead: (reason) => this.#die(reason),
    });
    this.#listener = {
      up: (connection) => {
        this.#connection = connection;
        this.#canary.start();
      },
      down: () => {
        this.#connection = null;
        this.#canary.stop();
        this.#die('the connection to the nucleus is lost');
      },
    };
    session.listen(this.#listener);
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    if (payload.byteLength > this.maxPayloadBytes) {
      const message = `${payload.byteLength} bytes for ${topic}: over ${this.maxPayloadBytes}.`;
      throw new FoyerError('payload-too-large', message);
    }
    if (!this.#alive) throw notConnected('its canary has not come back');
    await this.#send(topic, payload);
  }

  subscribe(filters: readonly string[], listener: TopicListener): TopicSubscription {
    const wish: Wish = { filters, listener, streams: [], inForce: false };
    if (!this.#closed) this.#wishes.add(wish);
    if (this.#alive) void this.#fulfil(wish);
    return {
      close: () => {
        this.#wishes.delete(wish);
        release(wish);
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#alive = false;
    this.#options.session.forget(this.#listener);
    this.#refused?.cancel();
    this.#canary.stop();
    for (const wish of this.#wishes) release(wish);
    this.#wishes.clear();
    await Promise.resolve();
  }

  get #qos() {
    return this.#options.session.sdk.greengrasscoreipc.model.QOS.AT_LEAST_ONCE;
  }

  async #send(topicName: string, payload: Uint8Array): Promise<void> {
    if (this.#connection === null) throw notConnected('no connection');
    await this.#connection.call(`a publish to ${topicName}`, async (client) =>
      client.publishToIoTCore({ topicName, qos: this.#qos, payload }),
    );
  }

  async #stream(
    topicName: string,
    heard: (topic: string, payload: Uint8Array) => void,
  ): Promise<IpcStream> {
    if (this.#connection === null) throw notConnected('no connection');
    const generation = this.#generation;
    return this.#connection.stream(
      `a subscription to ${topicName}`,
      (client) => client.subscribeToIoTCore({ topicName, qos: this.#qos }),
      {
        message: ({ message }) => {
          if (message !== undefined) heard(message.topicName, bytesOf(message.payload));
        },
        ended: () => {
          if (this.#generation === generation) this.#canary.fail('a subscription ended');
        },
      },
    );
  }

  #revive(): void {
    if (this.#closed || this.#alive) return;
    this.#alive = true;
    this.#options.logger.info('nucleus-carries', {});
    for (const wish of this.#wishes) void this.#fulfil(wish);
  }

  #die(reason: string): void {
    this.#generation += 1;
    if (!this.#alive) return;
    this.#alive = false;
    this.#options.logger.warn('nucleus-silent', { reason });
    for (const wish of this.#wishes) {
      release(wish);
      if (!wish.inForce) continue;
      wish.inForce = false;
      wish.listener.lost?.(notConnected(reason));
    }
  }

  async #fulfil(wish: Wish): Promise<void> {
    const generation = this.#generation;
    const stale = (): boolean => this.#generation !== generation || !this.#wishes.has(wish);
    try {
      for (const filter of wish.filters) {
        const stream = await this.#stream(filter, (topic, payload) => {
          if (!stale()) wish.listener.message(topic, payload);
        });
        if (stale()) {
          stream.close();
          return;
        }
        wish.streams.push(stream);
      }
      wish.inForce = true;
      wish.listener.ready?.();
    } catch (error) {
      if (stale()) return;
      release(wish);
      this.#refuse(wish, error);
    }
  }

  #refuse(wish: Wish, error: unknown): void {
    const reason = isFoyerError(error) ? error : notConnected('a subscription failed');
    this.#options.logger.warn('nucleus-subscription', {
      code: reason.code,
      reason: reason.message,
    });
    wish.listener.lost?.(reason);
    this.#refused ??= this.#options.clock.setTimer('nucleus-refused', refusedRetryMs, () => {
      this.#refused = null;
      if (!this.#alive) return;
      for (const other of this.#wishes) if (!other.inForce) void this.#fulfil(other);
    });
  }
}

function release(wish: Wish): void {
  for (const stream of wish.streams.splice(0)) stream.close();
}

function notConnected(reason: string): FoyerError {
  return new FoyerError('link-down', `IoT Core is not reached through the nucleus: ${reason}.`);
}

/** The SDK makes a Buffer of what came in base64. */
function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  return new Uint8Array();
}

/**
 * A client of IoT Core through a nucleus (PublishToIoTCore, SubscribeToIoTCore). Success means that
 * the nucleus took a message, no more; a message to oneself, sent again and again, tells whether
 * anything gets through. Closing it leaves the session open.
 */
export function ipcTopicClient(options: IpcTopicOptions): TopicClient {
  return new IpcTopicClient(options);
}
