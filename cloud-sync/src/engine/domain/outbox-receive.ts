import { genesisHash, type Ack, type OutboxEvent, type Push } from '@foyer/contracts';

import { chainHash } from './outbox-chain.ts';

/** How far a receiver is with a lane. A lane that it never saw: 0 and the genesis hash. */
export interface LaneHead {
  lastSeq: number;
  lastHash: string;
}

/** The head of a lane that was never seen. */
export const genesisHead: LaneHead = { lastSeq: 0, lastHash: genesisHash };

/** An event that follows the head, with the chain's hash after it. */
export interface AcceptedEvent extends OutboxEvent {
  hash: string;
}

export type PushDecision =
  /** Apply these in order, in one transaction with the new head; empty when nothing is new. */
  | { kind: 'accept'; events: AcceptedEvent[]; head: LaneHead; skippedTo: number | null }
  /** Events are missing before it: answer where to go on. */
  | { kind: 'gap' }
  /** The chain does not fit what was received before: a cloned or restored disk. */
  | { kind: 'fork' };

/**
 * Decides what a push brings. `hashAt` answers the chain's hash after an event that the receiver
 * still holds (its head included), null for any other.
 */
export function decidePush(
  push: Push,
  head: LaneHead,
  hashAt: (seq: number) => string | null,
): PushDecision {
  const sound = push.events.every((event, index) => event.seq === push.since + 1 + index);
  if (!sound) return { kind: 'gap' };
  const jumps = push.since > head.lastSeq && push.oldest === push.since + 1;
  if (push.since > head.lastSeq && !jumps) return { kind: 'gap' };
  const known = push.since === head.lastSeq ? head.lastHash : hashAt(push.since);
  if (!jumps && known !== null && known !== push.prevHash) return { kind: 'fork' };
  let hash = push.prevHash;
  const events: AcceptedEvent[] = [];
  for (const event of push.events) {
    hash = chainHash(hash, event);
    if (event.seq > head.lastSeq) events.push({ ...event, hash });
    else {
      const mine = event.seq === head.lastSeq ? head.lastHash : hashAt(event.seq);
      if (mine !== null && mine !== hash) return { kind: 'fork' };
    }
  }
  const last = events.at(-1);
  const advanced = last === undefined ? head : { lastSeq: last.seq, lastHash: last.hash };
  const start = { lastSeq: push.since, lastHash: push.prevHash };
  return {
    kind: 'accept',
    events,
    head: last === undefined && jumps ? start : advanced,
    skippedTo: jumps ? push.since : null,
  };
}

/** The answer of a receiver whose commits are what durable means: the cloud's. */
export function durableAck(
  { node, incarnation, lane }: Push,
  { lastSeq, forked, rejects }: Pick<Ack, 'lastSeq' | 'forked' | 'rejects'>,
): Ack {
  const durableSeq = lastSeq;
  return { type: 'ack', node, incarnation, lane, lastSeq, durableSeq, forked, rejects };
}
