import { genesisHash } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import { branchOf, type LaneKey } from '../domain/outbox-chain.ts';
import type { EventStore, LaneState, StoredEvent } from './event-store.ts';

/**
 * Another chain than this one goes on at `at`, because a disk of the node came back from its past:
 * the lane is closed before it, and what is held of it from there is kept, and relayed, in a lane
 * of its own, under the same numbers. Whoever holds the other chain does the same: in the end
 * everybody has both, whichever came first and whether or not their node lives.
 */
export function splitLane(
  journal: Pick<Journal, 'transaction'>,
  store: EventStore,
  lane: LaneState,
  at: number,
): void {
  const kept = Math.max(at, lane.firstSeq) - 1;
  journal.transaction(() => {
    const moved = store.events(lane, kept, Number.MAX_SAFE_INTEGER);
    branchOff(store, lane, store.hashAt(lane, kept) ?? genesisHash, moved);
    store.closeAt(lane, Math.min(kept, lane.lastSeq));
  });
}

function branchOff(
  store: EventStore,
  { node, incarnation, lane }: LaneKey,
  baseHash: string,
  events: readonly StoredEvent[],
): void {
  const [first] = events;
  if (first === undefined) return;
  const key = { node, incarnation: branchOf(incarnation, first.hash), lane };
  const branch = store.openLane(key, { firstSeq: first.seq, baseHash });
  for (const [index, event] of events.entries()) {
    if (event.seq > branch.lastSeq) {
      store.insert(branch, event);
      continue;
    }
    const known = store.hashAt(branch, event.seq);
    if (known === null || known === event.hash) continue;
    branchOff(store, key, events[index - 1]?.hash ?? baseHash, events.slice(index));
    return;
  }
}
