import {
  feedsOfRole,
  isFoyerError,
  type Compare,
  type FeedName,
  type FetchRange,
  type Message,
  type Pull,
} from '@foyer/contracts';
import type { Clock, Logger } from '@foyer/platform';

import { makeHint } from '../domain/feed-source.ts';
import { payloadBytesFor, RowSizer } from '../domain/packing.ts';
import {
  answerCompare,
  answerFetch,
  beginServing,
  serveNext,
  type ServeContext,
} from '../domain/serving.ts';
import { runNow } from '../domain/steps.ts';
import type { Channel } from './channel.ts';
import type { RefusalReason } from '../domain/refusals.ts';
import type { Egress, FrameStream } from './egress.ts';
import type { ReplicaStore } from './replica-store.ts';

export interface FeedServerOptions {
  store: ReplicaStore;
  clock: Clock;
  logger: Logger;
  refused: (reason: RefusalReason, channel: Channel, type: Message['type']) => void;
  /** A peer pulls from beyond this replica's place. */
  ahead: (pull: Pull) => void;
  /** A peer found that rows of this replica do not fit their sums. */
  damaged: (feed: FeedName) => void;
}

interface Client {
  egress: Egress;
  sizer: RowSizer;
  /** When each feed was last pulled: whoever pulls is told of news. */
  pulledMs: Map<FeedName, number>;
}

/** A peer that pulled within so long is told of news. */
const hintedMs = 10 * 60_000;
const nothing: readonly Uint8Array[] = [];

/**
 * Serves this node's replica to whoever pulls: the same epoch and numbers as its own upstream's.
 */
export class FeedServer {
  readonly #options: FeedServerOptions;
  readonly #clients = new Map<Channel, Client>();

  constructor(options: FeedServerOptions) {
    this.#options = options;
  }

  connect(channel: Channel, egress: Egress): void {
    this.#clients.set(channel, { egress, sizer: new RowSizer(), pulledMs: new Map() });
  }

  disconnect(channel: Channel): void {
    this.#clients.delete(channel);
  }

  onRequest(channel: Channel, request: Pull | Compare | FetchRange): void {
    const client = this.#clients.get(channel);
    const { role, peer } = channel;
    if (client === undefined) return;
    const { clock, refused } = this.#options;
    const allowed: readonly FeedName[] = role === null || role === 'cloud' ? [] : feedsOfRole[role];
    if (!allowed.includes(request.feed)) {
      refused('foreign-feed', channel, request.type);
      return;
    }
    const context = this.#context(channel, client);
    if (request.type === 'pull') {
      client.pulledMs.set(request.feed, clock.monotonicMs());
      const { feed } = request;
      if (request.since > this.#options.store.position(feed).cursor) this.#options.ahead(request);
      const stream = this.#guard(feed, null, this.#stream(request, context));
      client.egress.stream('feed', peer, feed, stream);
      return;
    }
    if (request.type === 'fetch-range' && this.#isDamaged(request)) return;
    const answer = this.#guard(request.feed, nothing, () =>
      runNow(
        request.type === 'compare'
          ? answerCompare(request, context)
          : answerFetch(request, context),
      ),
    );
    for (const payload of answer()) client.egress.send('feed', peer, payload);
  }

  /**
   * Who fetches a range found another sum than its rows have: one of the two is damaged. What is
   * damaged here is mended before anybody copies it.
   */
  #isDamaged({ feed, group, at }: FetchRange): boolean {
    const { store, logger, damaged } = this.#options;
    if (at !== store.position(feed).cursor || !store.recount(feed, group)) return false;
    logger.error('replica-damaged', { feed, group });
    damaged(feed);
    return true;
  }

  /** Tells those who pull a feed that there may be more. */
  hint(feed: FeedName): void {
    const meta = this.#options.store.meta(feed);
    if (meta === null) return;
    const nowMs = this.#options.clock.monotonicMs();
    const hint: Message = makeHint(feed, meta);
    for (const [channel, client] of this.#clients) {
      const pulledMs = client.pulledMs.get(feed);
      if (pulledMs !== undefined && nowMs - pulledMs <= hintedMs) channel.send(hint);
    }
  }

  #context(channel: Channel, client: Client): ServeContext {
    const { store, clock } = this.#options;
    return {
      store,
      authority: false,
      ageMs: (feed) => store.ageMs(feed, clock.nowMs()),
      sizer: client.sizer,
      maxBytes: payloadBytesFor(channel.limits),
    };
  }

  #stream(pull: Pull, context: ServeContext): FrameStream {
    let serving = runNow(beginServing(pull, context));
    let waiting: readonly Uint8Array[] = [];
    return () => {
      if (waiting.length === 0 && serving !== null) {
        const { payloads, rest } = runNow(serveNext(serving, context));
        serving = rest;
        waiting = payloads;
      }
      const [next, ...others] = waiting;
      waiting = others;
      return next ?? null;
    };
  }

  #guard<T>(feed: FeedName, otherwise: T, serve: () => T): () => T {
    return () => {
      try {
        return serve();
      } catch (error) {
        if (!isFoyerError(error)) throw error;
        const { code, message } = error;
        this.#options.logger.error('feed-not-served', { feed, code, reason: message });
        return otherwise;
      }
    };
  }
}
