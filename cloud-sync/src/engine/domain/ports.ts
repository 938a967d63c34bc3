import type { Digest, FeedName } from '@foyer/contracts';

import type { HashedRecord } from './rows.ts';

/** Where a feed stands in a store. */
export interface FeedMeta {
  epoch: string;
  head: number;
  /** The mark of the commit at `head`. */
  mark: string | null;
  /** Tombstones up to here were forgotten. */
  floor: number;
  /**
   * Of the whole feed at `head`; null while a store cannot say: a snapshot has just swapped in, or
   * more of an answer is to come.
   */
  digest: Digest | null;
  /** True for the source of truth, and for a replica once its upstream has named the same epoch. */
  confirmed: boolean;
}

export type Awaitable<T> = T | Promise<T>;

/**
 * What serving a feed needs of a store. An agent's replica answers at once, the cloud's database
 * with promises; each call reads one consistent state, and `head` never covers an open commit.
 */
export interface FeedStore {
  /** Null when there is no such feed. */
  meta(feed: FeedName): Awaitable<FeedMeta | null>;
  /** The mark of the commit that ended at `seq`; null when unknown. */
  markAt(feed: FeedName, seq: number): Awaitable<string | null>;
  /** Rows and tombstones with after < seq <= upTo, by seq, at most `limit`. */
  changes(
    feed: FeedName,
    after: number,
    upTo: number,
    limit: number,
  ): Awaitable<readonly HashedRecord[]>;
  /** Rows and tombstones that follow the place `after`, by (table, key), at most `limit`. */
  page(feed: FeedName, after: string, limit: number): Awaitable<readonly HashedRecord[]>;
  /** The digest of every group that has rows. */
  groupDigests(feed: FeedName): Awaitable<ReadonlyMap<string, Digest>>;
  /** A group's rows (no tombstones) with from <= place < to ("" is open), by (table, key). */
  range(
    feed: FeedName,
    group: string,
    from: string,
    to: string,
  ): Awaitable<readonly HashedRecord[]>;
  /** Begins a new epoch; only the source of truth has it. */
  newEpoch?(feed: FeedName): Awaitable<FeedMeta>;
}
