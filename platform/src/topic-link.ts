import { downTopic, everyNode, isFoyerError, upTopic } from '@foyer/contracts';
import type { NodeId, TheatreNo } from '@foyer/contracts';

import { cloudPeer, type Link, type LinkLimits } from './link.ts';
import type { Logger } from './logger.ts';
import type { TopicClient, TopicListener, TopicSubscription } from './topic-client.ts';

export interface TopicLinkOptions {
  client: TopicClient;
  theatreNo: TheatreNo;
  nodeId: NodeId;
  limits: LinkLimits;
  /** Bytes that may be under way; 1 MiB when absent. */
  maxBufferedBytes?: number;
  logger: Logger;
}

const defaultMaxBufferedBytes = 1_048_576;

class TopicLink implements Link {
  readonly limits: LinkLimits;
  readonly #client: TopicClient;
  readonly #logger: Logger;
  readonly #up: string;
  readonly #maxBufferedBytes: number;
  readonly #subscription: TopicSubscription;
  #ready = false;
  #closed = false;
  #underWay = 0;
  #underWayBytes = 0;
  #onPayload: (peer: string, payload: Uint8Array) => void = () => {};
  #onPeer: (peer: string, connected: boolean) => void = () => {};

  constructor(options: TopicLinkOptions) {
    const { client, theatreNo, nodeId, limits, maxBufferedBytes, logger } = options;
    this.limits = limits;
    this.#client = client;
    this.#logger = logger;
    this.#up = upTopic(theatreNo, nodeId);
    this.#maxBufferedBytes = maxBufferedBytes ?? defaultMaxBufferedBytes;
    const filters = [downTopic(theatreNo, nodeId), downTopic(theatreNo, everyNode)];
    const listener: TopicListener = {
      message: (_topic, payload) => this.#onPayload(cloudPeer, payload),
      ready: () => this.#change(true),
      lost: () => this.#change(false),
    };
    // The AWS SDK leaves Nagle's algorithm on: a payload sent soon after the PUBACK of another
    // would wait 40 ms for the broker's delayed acknowledgement of that PUBACK.
    this.#subscription = client.subscribe(filters, listener, 0);
  }

  peers(): readonly string[] {
    return this.#ready ? [cloudPeer] : [];
  }

  send(peer: string, payload: Uint8Array): boolean {
    const sizeBytes = payload.byteLength;
    if (!this.#ready || peer !== cloudPeer) return false;
    if (sizeBytes > this.limits.maxPayloadBytes) return false;
    if (this.#underWay >= this.limits.maxInFlight) return false;
    if (this.#underWayBytes + sizeBytes > this.#maxBufferedBytes) return false;
    this.#underWay += 1;
    this.#underWayBytes += sizeBytes;
    void this.#publish(payload);
    return true;
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.#onPayload = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.#onPeer = listener;
    for (const peer of this.peers()) listener(peer, true);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready = false;
    this.#subscription.close();
    await this.#client.close();
  }

  async #publish(payload: Uint8Array): Promise<void> {
    try {
      await this.#client.publish(this.#up, payload);
    } catch (error) {
      // What is lost is asked for again; a policy that forbids it is a person's to mend.
      const code = isFoyerError(error) ? error.code : 'internal';
      if (!this.#closed) this.#logger.warn('payload-not-taken', { code, reason: String(error) });
    } finally {
      this.#underWay -= 1;
      this.#underWayBytes -= payload.byteLength;
    }
  }

  #change(connected: boolean): void {
    if (this.#closed || connected === this.#ready) return;
    this.#ready = connected;
    this.#onPeer(cloudPeer, connected);
  }
}

/**
 * A node's link to the cloud, with the one peer `cloud`, over a client that others may use as well:
 * closing the link closes the client.
 */
export function topicLink(options: TopicLinkOptions): Link {
  return new TopicLink(options);
}
