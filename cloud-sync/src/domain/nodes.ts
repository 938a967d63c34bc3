import type { FeedRow, NodeId } from '@foyer/contracts';

type NodeRow = FeedRow<'node'>;

/** With fewer gates than this the theatre agent's vote counts, too. */
const enoughGates = 3;

/**
 * The nodes whose votes count: every gate that is in use, and the theatre agent where there are
 * fewer than three. Sorted, so that equal lists are equal texts.
 */
export function admissionNodes(nodes: readonly NodeRow[]): NodeId[] {
  const active = nodes.filter((node) => node.status === 'active');
  const gates = active.filter((node) => node.role === 'gate');
  const theatre = active.filter((node) => node.role === 'theatre');
  const voters = gates.length < enoughGates ? [...gates, ...theatre] : gates;
  return voters.map((node) => node.nodeId).sort();
}

export function sameNodes(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  return one.length === other.length && one.every((node, at) => node === other[at]);
}
