import { isFoyerError, type Message, type Pull } from '@foyer/contracts';
import type { LinkLimits, Logger } from '@foyer/platform';

import { payloadBytesFor, RowSizer } from '../domain/packing.ts';
import type { FeedStore } from '../domain/ports.ts';
import {
  answerCompare,
  answerFetch,
  beginServing,
  serveNext,
  type ServeContext,
  type Served,
  type Serving,
} from '../domain/serving.ts';
import { runAwaited } from './run-awaited.ts';

/** What a source is asked. */
export type FeedRequest = Extract<Message, { type: 'pull' | 'compare' | 'fetch-range' }>;

export interface FeedResponderOptions {
  store: FeedStore;
  limits: LinkLimits;
  /**
   * Hands a payload to the link and resolves once there is room for the next; false when the peer
   * went away, and then the rest is not made.
   */
  send: (payload: Uint8Array) => Promise<boolean>;
  logger: Logger;
}

/**
 * Serves one peer's requests for feeds from a store that answers with promises: the cloud's end. It
 * keeps nothing between requests but a guess at row sizes. A later pull of a feed ends the serving
 * of an earlier one.
 */
export class FeedResponder {
  readonly #options: FeedResponderOptions;
  readonly #sizer = new RowSizer();
  readonly #latest = new Map<string, object>();

  constructor(options: FeedResponderOptions) {
    this.#options = options;
  }

  /** Answers one request. It rejects only with what the store throws. */
  async handle(request: FeedRequest): Promise<void> {
    const { store, limits, logger } = this.#options;
    const maxBytes = payloadBytesFor(limits);
    const context = { store, authority: true, ageMs: () => 0, sizer: this.#sizer, maxBytes };
    try {
      if (request.type === 'pull') {
        await this.#pull(request, context);
        return;
      }
      const steps =
        request.type === 'compare'
          ? answerCompare(request, context)
          : answerFetch(request, context);
      await this.#sendAll(await runAwaited(steps));
    } catch (error) {
      if (!isFoyerError(error)) throw error;
      logger.error('feed-not-served', {
        feed: request.feed,
        code: error.code,
        reason: error.message,
      });
    }
  }

  async #sendAll(payloads: readonly Uint8Array[]): Promise<boolean> {
    for (const payload of payloads) if (!(await this.#options.send(payload))) return false;
    return true;
  }

  async #pull(pull: Pull, context: ServeContext): Promise<void> {
    const turn = {};
    this.#latest.set(pull.feed, turn);
    let serving: Serving | null = await runAwaited(beginServing(pull, context));
    while (serving !== null && this.#latest.get(pull.feed) === turn) {
      const served: Served = await runAwaited(serveNext(serving, context));
      if (!(await this.#sendAll(served.payloads))) return;
      serving = served.rest;
    }
  }
}
