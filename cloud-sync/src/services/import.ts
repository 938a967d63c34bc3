import { feedTables, type TheatreNo } from '@foyer/contracts';

import type { FeedAddress } from '../adapters/store/feed-writer.ts';
import { changeOf, removalOf, type FeedChange } from '../domain/feed-rows.ts';
import type { BookingSource, SourceChange } from '../domain/ports.ts';
import type { ServiceContext } from './context.ts';

/** Changes that one transaction takes over. */
const changesPerTransaction = 1000;

function toFeed(change: SourceChange): FeedChange {
  if ('gone' in change) return removalOf(change.table, change.gone, change.group);
  // The row of a foreign system is checked before gates decide by it.
  const row = feedTables[change.table].schema.parse(change.row);
  return changeOf(change.table, row);
}

/**
 * Takes over what follows in a booking system of the operator's own: rows and position commit
 * together. @returns how many changes came; the caller asks again after a while.
 */
export async function importFrom(context: ServiceContext, source: BookingSource): Promise<number> {
  const { store, feeds, clock, announce } = context;
  let total = 0;
  for (let more = true; more;) {
    const stored = await store.db
      .selectFrom('source_position')
      .select('position')
      .where('source', '=', source.name)
      .executeTakeFirst();
    const answer = await source.changes(stored?.position ?? null, changesPerTransaction);
    const byTheatre = new Map<TheatreNo, FeedChange[]>();
    for (const change of answer.changes) {
      const known = byTheatre.get(change.theatreNo);
      if (known === undefined) byTheatre.set(change.theatreNo, [toFeed(change)]);
      else known.push(toFeed(change));
    }
    const changed = await store.transaction(async (tx) => {
      const addresses: FeedAddress[] = [];
      const nowMs = clock.nowMs();
      const at = { position: answer.position, at_ms: nowMs };
      await tx
        .insertInto('source_position')
        .values({ source: source.name, ...at })
        .onConflict((on) => on.column('source').doUpdateSet(at))
        .execute();
      // Counters are locked in one order, whatever the order of the changes.
      for (const theatreNo of [...byTheatre.keys()].sort((a, b) => a - b)) {
        const changes = byTheatre.get(theatreNo) ?? [];
        addresses.push(...(await feeds.append(tx, theatreNo, changes, nowMs)));
      }
      return addresses;
    });
    for (const { theatreNo, feed } of changed) announce(theatreNo, feed);
    total += answer.changes.length;
    more = answer.more;
  }
  return total;
}
