import type { Chunk, FeedName, Message, Pull, Snapshot } from '@foyer/contracts';

import { packBody } from './blocks.ts';
import type { FeedMeta } from './ports.ts';
import { placeOf, type FeedRecord } from './rows.ts';

/** What a pull gets. */
export type PullPlan =
  | { kind: 'changes'; feed: FeedName; meta: FeedMeta; since: number; chunks: number }
  | { kind: 'snapshot'; feed: FeedName; meta: FeedMeta; head: number; after: string; pages: number }
  /**
   * The source lost what the receiver has (it was restored): a new epoch, then a snapshot of it.
   */
  | { kind: 'new-epoch' }
  /** The receiver is ahead of this replica: nothing to say. */
  | { kind: 'nothing' };

export interface PullContext {
  meta: FeedMeta;
  /** The mark of the commit that holds `pull.since`; null where the store does not know it. */
  markAtSince: string | null;
  /** The source of truth may begin an epoch; a replica that serves others may not. */
  authority: boolean;
}

function startSnapshot(pull: Pull, meta: FeedMeta): PullPlan {
  const { feed, credits } = pull;
  return { kind: 'snapshot', feed, meta, head: meta.head, after: '', pages: credits };
}

/** Decides what a pull gets. Pure: the same for the cloud's store and for an agent's replica. */
export function planPull(pull: Pull, context: PullContext): PullPlan {
  const { meta, markAtSince, authority } = context;
  const { feed, since, credits } = pull;
  const changes: PullPlan = { kind: 'changes', feed, meta, since, chunks: credits };
  // Who holds nothing needs no tombstones: all rows in the order of their change are a whole.
  if (since === 0 && pull.snapshot === null && (pull.epoch === null || pull.epoch === meta.epoch)) {
    return changes;
  }
  if (pull.epoch !== meta.epoch) {
    return authority || meta.confirmed ? startSnapshot(pull, meta) : { kind: 'nothing' };
  }
  if (pull.snapshot !== null) {
    const { head, after } = pull.snapshot;
    const usable = head <= meta.head && head >= meta.floor;
    if (!usable) return startSnapshot(pull, meta);
    return { kind: 'snapshot', feed, meta, head, after, pages: credits };
  }
  if (since > meta.head) return authority ? { kind: 'new-epoch' } : { kind: 'nothing' };
  // Below the floor the marks are forgotten with the tombstones.
  if (since < meta.floor) return startSnapshot(pull, meta);
  const sameCommit = markAtSince === null ? !authority : markAtSince === pull.mark;
  if (!sameCommit && pull.mark !== null) {
    return authority ? { kind: 'new-epoch' } : startSnapshot(pull, meta);
  }
  return changes;
}

/** A chunk of the changes after `since`: `records` are all there is up to `next`. */
export function makeChunk(input: {
  feed: FeedName;
  meta: FeedMeta;
  since: number;
  /** In the order of seq; the first of all that follow `since`. */
  records: readonly FeedRecord[];
  /** True when nothing up to `meta.head` follows `records`. */
  complete: boolean;
  /** How long ago this source was last in step with the source of truth. */
  ageMs: number | null;
  /** What the pull told of itself. */
  askedMs: number | undefined;
}): { message: Chunk; taken: number } {
  const { feed, meta, since, records, ageMs, askedMs } = input;
  const { body, taken } = packBody(records);
  const atHead = input.complete && taken === records.length;
  const next = atHead ? meta.head : (records[taken - 1]?.seq ?? since);
  return {
    message: {
      type: 'chunk',
      feed,
      epoch: meta.epoch,
      since,
      next,
      head: meta.head,
      // A commit ends at the head; where a chunk ends before it, the digest there is proof enough.
      mark: next === meta.head ? meta.mark : null,
      ...(since === 0 ? { floor: meta.floor } : {}),
      ...(atHead && meta.digest !== null ? { digest: meta.digest } : {}),
      ...(atHead ? { ageMs } : {}),
      ...(atHead && askedMs !== undefined ? { askedMs } : {}),
      body,
    },
    taken,
  };
}

/** A page of a snapshot: `records` are what follows `after` in the order of table and key. */
export function makePage(input: {
  feed: FeedName;
  meta: FeedMeta;
  head: number;
  mark: string | null;
  after: string;
  records: readonly FeedRecord[];
  complete: boolean;
}): { message: Snapshot; taken: number } {
  const { feed, meta, head, mark, after, records } = input;
  const { body, taken } = packBody(records);
  const last = records[taken - 1];
  const whole = input.complete && taken === records.length;
  return {
    message: {
      type: 'snapshot',
      feed,
      epoch: meta.epoch,
      head,
      mark,
      floor: meta.floor,
      after,
      nextAfter: whole || last === undefined ? null : placeOf(last),
      body,
    },
    taken,
  };
}

/** Tells receivers that there may be more. */
export function makeHint(feed: FeedName, meta: FeedMeta): Message {
  const digest = meta.digest === null ? {} : { digest: meta.digest };
  return { type: 'hint', feed, epoch: meta.epoch, head: meta.head, ...digest };
}
