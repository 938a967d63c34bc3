import { genesisHash, type Ack, type OutboxEvent, type Push } from '@foyer/contracts';

import { chainHash } from './outbox-chain.ts';

/** How far a receiver is with a lane. A lane that it never saw: 0 and the genesis hash. */
export interface LaneHead {
  lastSeq: number;
  lastHash: string;
  /** Two chains went on from here: whatever follows is in lanes of their own. */
  closed?: boolean;
}

/** The head of a lane that was never seen. */
export const genesisHead: LaneHead = { lastSeq: 0, lastHash: genesisHash };

/** An event that follows the head, with the chain's hash after it. */
export interface AcceptedEvent extends OutboxEvent {
  hash: string;
}

/** `checked`: up to here the receiver has, or now gets, the push's very chain; null: unknown. */
export type PushDecision = { checked: number | null } & (
  | /** Apply these in order, in one transaction with the new head; empty when nothing is new. */
    { kind: 'accept'; events: AcceptedEvent[]; head: LaneHead; skippedTo: number | null }
  /** Events are missing before it: answer where to go on. */
  | { kind: 'gap' }
  /**
   * The chain does not fit what was received before: a cloned or restored disk. `differs`: right
   * after `checked`; otherwise the lane is closed, and what it is closed to was offered.
   */
  | { kind: 'fork'; differs: boolean }
);

/**
 * Decides what a push brings. `hashAt` answers the chain's hash after an event that the receiver
 * still holds (its head included), null for any other.
 */
export function decidePush(
  push: Push,
  head: LaneHead,
  hashAt: (seq: number) => string | null,
): PushDecision {
  const { since, prevHash } = push;
  const sound = push.events.every((event, index) => event.seq === since + 1 + index);
  if (!sound) return { kind: 'gap', checked: null };
  const jumps = since > head.lastSeq && push.oldest === since + 1;
  if (since > head.lastSeq) {
    if (head.closed === true) return { kind: 'fork', checked: null, differs: false };
    if (!jumps) return { kind: 'gap', checked: null };
  }
  const mineAt = (seq: number): string | null => {
    if (seq === head.lastSeq) return head.lastHash;
    return seq === 0 ? genesisHash : hashAt(seq);
  };
  const known = jumps ? prevHash : mineAt(since);
  if (known !== null && known !== prevHash) return { kind: 'fork', checked: null, differs: true };
  let checked = known === null ? null : since;
  let hash = prevHash;
  const events: AcceptedEvent[] = [];
  for (const event of push.events) {
    hash = chainHash(hash, event);
    if (event.seq > head.lastSeq) {
      if (head.closed === true) return { kind: 'fork', checked, differs: false };
      events.push({ ...event, hash });
      checked = event.seq;
      continue;
    }
    const mine = mineAt(event.seq);
    if (mine !== null && mine !== hash) return { kind: 'fork', checked, differs: true };
    if (mine === hash) checked = event.seq;
  }
  const last = events.at(-1);
  const advanced = last === undefined ? head : { lastSeq: last.seq, lastHash: last.hash };
  const start = { lastSeq: since, lastHash: prevHash };
  return {
    kind: 'accept',
    events,
    head: last === undefined && jumps ? start : advanced,
    skippedTo: jumps ? since : null,
    checked,
  };
}

/** The answer of a receiver whose commits are what durable means: the cloud's. */
export function durableAck(
  { node, incarnation, lane, since: from }: Push,
  decision: PushDecision,
  { lastSeq, rejects }: Pick<Ack, 'lastSeq' | 'rejects'>,
): Ack {
  const forked = decision.kind === 'fork';
  const checked = { from, to: decision.checked };
  const durable = { lastSeq, durableSeq: lastSeq, forked, checked, rejects };
  return { type: 'ack', node, incarnation, lane, ...durable };
}
