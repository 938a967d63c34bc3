import type { Attempt } from '@foyer/contracts';

/** A boot is `life * bootsPerLife + starts`: the life of the node's disk and its starts so far. */
export const bootsPerLife = 2 ** 20;

export function sameAttempt(one: Attempt, other: Attempt): boolean {
  return one.node === other.node && one.boot === other.boot && one.n === other.n;
}

/** True when both boots are starts of one disk. */
export function sameLife(one: number, other: number): boolean {
  return Math.floor(one / bootsPerLife) === Math.floor(other / bootsPerLife);
}

/**
 * True when `later` proves that `earlier` was abandoned: a node tries a right again only when its
 * ledger has no admission of it and its earlier try is over. A replaced disk proves nothing.
 */
export function supersedes(later: Attempt, earlier: Attempt): boolean {
  if (later.node !== earlier.node || !sameLife(later.boot, earlier.boot)) return false;
  return later.boot > earlier.boot || (later.boot === earlier.boot && later.n > earlier.n);
}
