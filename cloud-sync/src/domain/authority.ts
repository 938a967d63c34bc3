import type { FeedName, FeedRow, Lane, NodeId } from '@foyer/contracts';
import { feedsOfRole } from '@foyer/contracts';

type NodeRow = FeedRow<'node'>;

/** Why a node may not have what it asks for; null where it may. */
export type Refusal =
  | 'unknown-node'
  | 'revoked-node'
  | 'foreign-feed'
  | 'foreign-events'
  | 'wrong-role';

/** Whether a node of the theatre may exchange anything. */
export function refuseNode(node: NodeRow | undefined): Refusal | null {
  if (node === undefined) return 'unknown-node';
  return node.status === 'revoked' ? 'revoked-node' : null;
}

/** A role reads its own feeds only: screens hold neither tickets nor keys. */
export function refuseFeed(node: NodeRow | undefined, feed: FeedName): Refusal | null {
  const refusal = refuseNode(node);
  if (refusal !== null || node === undefined) return refusal;
  const feeds: readonly FeedName[] = feedsOfRole[node.role];
  return feeds.includes(feed) ? null : 'foreign-feed';
}

/**
 * A node speaks for itself; the theatre agent may pass on what other nodes of the same theatre
 * wrote, revoked ones included: it happened. A screen admits nobody, whoever carries its word.
 */
export function refuseEvents(
  sender: NodeRow | undefined,
  origin: { node: NodeId; lane: Lane },
  originRow: NodeRow | undefined,
): Refusal | null {
  const refusal = refuseNode(sender);
  if (refusal !== null || sender === undefined) return refusal;
  const own = sender.nodeId === origin.node;
  if (!own && sender.role !== 'theatre') return 'foreign-events';
  if (originRow === undefined) return 'unknown-node';
  return origin.lane === 'ledger' && originRow.role === 'screen' ? 'wrong-role' : null;
}
