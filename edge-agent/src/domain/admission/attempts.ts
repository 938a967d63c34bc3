import type { Attempt } from '@foyer/contracts';

export function sameAttempt(one: Attempt, other: Attempt): boolean {
  return one.node === other.node && one.boot === other.boot && one.n === other.n;
}

/**
 * True when `later` proves that `earlier` was abandoned: within one start, a node tries a right
 * again only when its earlier try is over and admitted nobody. Another start proves nothing to an
 * elector: a copied, restored or replaced disk knows nothing of attempts made meanwhile.
 */
export function supersedes(later: Attempt, earlier: Attempt): boolean {
  return later.node === earlier.node && later.boot === earlier.boot && later.n > earlier.n;
}
