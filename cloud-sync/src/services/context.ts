import type { FeedName, TheatreNo } from '@foyer/contracts';
import type { Clock, Logger, Random } from '@foyer/platform';

import type { Store, Tx } from '../adapters/store/database.ts';
import type { FeedWriter } from '../adapters/store/feed-writer.ts';
import type { FeedChange } from '../domain/feed-rows.ts';
import type { FeedListener } from '../domain/ports.ts';

/** What every service of the cloud end works with. */
export interface ServiceContext {
  store: Store;
  feeds: FeedWriter;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Told after a commit which feeds have a new head. */
  announce: FeedListener;
}

/**
 * Runs one business write: `work` answers its value and what the feeds must say of it. Both commit
 * together, the feeds' counters locked last; then the new heads are announced.
 */
export async function write<T>(
  context: ServiceContext,
  theatreNo: TheatreNo,
  work: (tx: Tx, nowMs: number) => Promise<{ value: T; changes: readonly FeedChange[] }>,
): Promise<T> {
  let changed: FeedName[] = [];
  const value = await context.store.transaction(async (tx) => {
    const nowMs = context.clock.nowMs();
    const done = await work(tx, nowMs);
    const addresses = await context.feeds.append(tx, theatreNo, done.changes, nowMs);
    changed = addresses.map((address) => address.feed);
    return done.value;
  });
  for (const feed of changed) context.announce(theatreNo, feed);
  return value;
}
