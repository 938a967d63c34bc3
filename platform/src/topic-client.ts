import type { FoyerError } from '@foyer/contracts';

/** What becomes of a subscription. */
export interface TopicListener {
  message(topic: string, payload: Uint8Array): void;
  /**
   * The filters are in force: at first, and again after every loss. What was published before may
   * have been missed, so whoever keeps a state asks for it now.
   */
  ready?(): void;
  /**
   * The filters are not in force any more (`link-down`), or were refused (`identity-refused`). The
   * client makes them anew by itself.
   */
  lost?(reason: FoyerError): void;
}

/** MQTT's: at most once, or at least once. */
export type TopicQos = 0 | 1;

export interface TopicSubscription {
  /** No event comes afterwards. Idempotent. */
  close(): void;
}

/**
 * A connection on which small messages travel by topic: to AWS IoT Core itself, or through the
 * proxy of a Greengrass nucleus. It connects and subscribes for ever again, and keeps nothing for a
 * peer that is away.
 */
export interface TopicClient {
  /** The largest payload that `publish` takes. */
  readonly maxPayloadBytes: number;
  /**
   * Resolves when the first hop took it, which is no promise that anybody got it. Throws FoyerError
   * `link-down`, `payload-too-large`, `identity-refused` or `timeout`, within a bounded time.
   */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /**
   * @param filters MQTT topic filters, `+` and `#` included; told as one
   * @param qos 1 when absent
   */
  subscribe(filters: readonly string[], listener: TopicListener, qos?: TopicQos): TopicSubscription;
  /** Listeners hear nothing any more. Idempotent. */
  close(): Promise<void>;
}
