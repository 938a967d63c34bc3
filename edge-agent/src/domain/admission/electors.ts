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
 * The electors of a right: rendezvous hashing over the configured list of a config epoch, the gates
 * that serve the show's auditorium first. Two gates agree because nothing that changes while an
 * epoch is in force is looked at: the list belongs to the epoch, and a show that moves to another
 * auditorium or a gate that serves others gets a new epoch. Who is reachable plays no part.
 *
 * @param serves whether a node serves the show's auditorium
 */
export function electorate(
  right: Right,
  epoch: FeedRow<'config-epoch'>,
  serves: (node: NodeId) => boolean,
): Electorate {
  const ranked = [...new Set(epoch.admissionNodes)]
    .map((node) => ({ node, far: serves(node) ? 0 : 1, weight: weight(right, node) }))
    .toSorted((one, other) => one.far - other.far || (one.weight < other.weight ? -1 : 1));
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
