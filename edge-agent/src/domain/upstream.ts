import type { FeedName, NodeId } from '@foyer/contracts';
import type { Peer } from './peer-table.ts';

/** Where this node stands in one feed. */
export interface OwnPosition {
  feed: FeedName;
  epoch: string | null;
  cursor: number;
}

// How many rows a peer is ahead, over all feeds; null when any feed says that it cannot be
// followed.
function lead(own: readonly OwnPosition[], peer: Peer): number | null {
  let sum = 0;
  for (const position of own) {
    const theirs = peer.heartbeat?.feeds.find((feed) => feed.feed === position.feed);
    if (!theirs?.epoch) continue;
    if (position.epoch !== null && theirs.epoch !== position.epoch) return null;
    sum += Math.max(0, theirs.cursor - position.cursor);
  }
  return sum;
}

/**
 * Whom a gate or a screen pulls its feeds from: a living theatre agent; else the living gate in the
 * same epoch that is furthest ahead of it; else nobody. `current` is kept while it is as good.
 */
export function chooseUpstream(
  own: readonly OwnPosition[],
  alive: readonly Peer[],
  current: NodeId | null,
): NodeId | null {
  const theatres = alive.filter((peer) => peer.role === 'theatre');
  const theatre = theatres.find((peer) => peer.node === current) ?? theatres[0];
  if (theatre !== undefined) return theatre.node;
  let best: { node: NodeId; lead: number } | null = null;
  for (const peer of alive) {
    // A screen stands where everybody can reach it: nobody takes rows from one.
    if (peer.role !== 'gate') continue;
    const rows = lead(own, peer);
    if (rows === null || rows === 0) continue;
    const bestLead: number = best?.lead ?? 0;
    const same = rows === bestLead && peer.node === current;
    if (rows > bestLead || same) best = { node: peer.node, lead: rows };
  }
  return best?.node ?? null;
}
