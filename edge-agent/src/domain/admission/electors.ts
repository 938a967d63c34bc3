import { createHash } from 'node:crypto';
import { rightKey, type FeedRow, type NodeId, type Right } from '@foyer/contracts';

/** A right has this many electors, or as many as its config epoch has nodes. */
export const electorsPerRight = 3;

export interface Electorate {
  configEpoch: number;
  /** Every node of the epoch, the right's first choice first. */
  order: readonly NodeId[];
  /** The first three of `order`. */
  electors: readonly NodeId[];
  /** Votes that win: two of three, both of two, the one of one. */
  quorum: number;
}

function weight(right: Right, node: NodeId): string {
  return createHash('sha256')
    .update(`${rightKey(right)}\n${node}`)
    .digest('hex');
}

/**
 * The electors of a right: rendezvous hashing over the configured list of a config epoch. Only
 * what never changes within an epoch is looked at. Neither reachability nor the auditorium plays a
 * part: while some gates have not heard that a ticket or a show was moved, an order by auditorium
 * would give them other electors than the rest, and both sides could win the same right.
 */
export function electorate(right: Right, epoch: FeedRow<'config-epoch'>): Electorate {
  const ranked = [...new Set(epoch.admissionNodes)]
    .map((node) => ({ node, weight: weight(right, node) }))
    .toSorted((one, other) => (one.weight < other.weight ? -1 : 1));
  const order = ranked.map((entry) => entry.node);
  const electors = order.slice(0, electorsPerRight);
  return {
    configEpoch: epoch.configEpoch,
    order,
    electors,
    quorum: electors.length === 1 ? 1 : 2,
  };
}

/** Without its config epoch a claim has no electors: only this node is asked. */
export function lonelyElectorate(configEpoch: number): Electorate {
  return { configEpoch, order: [], electors: [], quorum: 1 };
}
