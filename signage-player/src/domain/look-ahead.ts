import type { LiveView, Programme, Screen } from '@foyer/contracts';

import { timeline } from './schedule/index.ts';

/** What is on sooner than this is fetched in the order it is on. */
const aheadMs = 3 * 3_600_000;

/** When each item is first on these screens, UTC ms, within the next three hours. */
export function lookAhead(
  programme: Programme,
  screens: readonly Screen[],
  live: LiveView,
  nowMs: number,
): ReadonlyMap<string, number> {
  const soonest = new Map<string, number>();
  for (const { screenId } of screens) {
    for (const { item, startMs } of timeline(programme, screenId, live, nowMs, nowMs + aheadMs)) {
      if (item === null) continue;
      const known = soonest.get(item.itemId) ?? Number.POSITIVE_INFINITY;
      if (startMs < known) soonest.set(item.itemId, startMs);
    }
  }
  return soonest;
}
