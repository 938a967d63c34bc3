import type { Emergency } from '@foyer/contracts';

/** An emergency that ended, and one that nobody told any more, is kept for so long: a day. */
const keptMs = 86_400_000;
/** Active and ended together. */
export const maxEmergenciesKept = 16;
/** An emergency must be one that somebody can still end: its time leaves room for later ones. */
const latestTimeMs = 8_640_000_000_000_000 - 1_000_000;

/**
 * Whether what was told takes the place of what is known: the later one does. Of two at the same
 * moment the active one: a screen that warns in vain does less harm.
 */
export function beats(told: Emergency, known: Emergency | null): boolean {
  if (told.atMs > latestTimeMs) return false;
  if (known === null || told.atMs > known.atMs) return true;
  if (told.atMs < known.atMs || told.active === known.active) return false;
  return told.active;
}

/** The time of a change made now: never before what it changes, whatever the clock shows. */
export function latestAtMs(nowMs: number, known: Emergency | null): number {
  return Math.max(Math.round(nowMs), (known?.atMs ?? 0) + (known === null ? 0 : 1));
}

/** Whether what was last known so at `seenMs` is to be forgotten. */
export function isOld(seenMs: number, nowMs: number): boolean {
  return nowMs - seenMs >= keptMs;
}

/** What matters more stays when there are too many, and is shown first. */
export const gravity: Readonly<Record<Emergency['kind'], number>> = {
  evacuate: 2,
  shelter: 1,
  message: 0,
};

/** Those that are too many: what ended, then what matters less; the oldest first. */
export function leastImportant(known: readonly Emergency[]): Emergency[] {
  return known
    .toSorted(
      (one, other) =>
        Number(one.active) - Number(other.active) ||
        (one.active ? gravity[one.kind] - gravity[other.kind] : 0) ||
        one.atMs - other.atMs ||
        (one.emergencyId < other.emergencyId ? -1 : 1),
    )
    .slice(0, Math.max(0, known.length - maxEmergenciesKept));
}
