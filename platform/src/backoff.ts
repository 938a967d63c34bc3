import type { Random } from './random.ts';

export interface Backoff {
  baseMs: number;
  capMs: number;
}

/** For links over the internet. */
export const wanBackoff: Backoff = { baseMs: 200, capMs: 30_000 };
/** For links inside a building. */
export const lanBackoff: Backoff = { baseMs: 50, capMs: 1000 };

/**
 * Full jitter: uniform between 0 and the exponential bound, so that many nodes which lost the same
 * peer at once do not come back at once.
 *
 * @param failures tries that failed since the last success, from 1
 */
export function backoffMs(failures: number, backoff: Backoff, random: Random): number {
  const bound = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(failures, 30));
  return Math.round(random.float() * bound);
}
