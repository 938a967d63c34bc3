import type { Play } from '@foyer/contracts';

/** An end that did not come for so long will not come any more: no item lasts longer. */
const lostAfterMs = 3_600_000;
/** Where the same screen has begun another play since, its end is awaited for so long. */
const supersededAfterMs = 600_000;

export function hasEnded({ endedAtMs, outcome }: Play): boolean {
  return endedAtMs !== null || outcome !== 'playing';
}

/** The end of a play as it is reported: one that says that it still plays was cut. */
export function endOf(play: Play): Play {
  return { ...play, outcome: play.outcome === 'playing' ? 'cut' : play.outcome };
}

/**
 * Open plays whose end nobody can tell any more: taken in an hour ago, or ten minutes before now
 * and followed by another on the same screen. A page that was reloaded has told its ends by then.
 *
 * @param open in the order that they were taken in
 */
export function overdue<T extends { play: Play; openedMs: number }>(
  open: readonly T[],
  nowMs: number,
): T[] {
  const next = new Map<string, number>();
  return open
    .toReversed()
    .filter(({ play, openedMs }) => {
      const nextMs = next.get(play.screenId);
      next.set(play.screenId, openedMs);
      if (nowMs - openedMs >= lostAfterMs) return true;
      return nextMs !== undefined && nowMs - nextMs >= supersededAfterMs;
    })
    .toReversed();
}
