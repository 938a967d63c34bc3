import type { Compare, Compared, FeedName, FetchRange, Pull, RangeRows } from '@foyer/contracts';

import { packBody } from './blocks.ts';
import { makeChunk, makeHint, makePage, planPull, type PullPlan } from './feed-source.ts';
import { encodeFrame, type FrameCoding } from './frame.ts';
import { codingFor, packToFit, type RowSizer } from './packing.ts';
import { cutFrame } from './pieces.ts';
import type { FeedMeta, FeedStore } from './ports.ts';
import { digestOf, placeOf, type HashedRecord } from './rows.ts';
import { wait, type Steps } from './steps.ts';

/** What remains to be sent for one pull. */
export interface Serving {
  plan: Extract<PullPlan, { kind: 'changes' | 'snapshot' }>;
  /** The mark at a snapshot's head. */
  mark: string | null;
  coding: FrameCoding;
  maxBytes: number;
  askedMs: number | undefined;
}

/** How a source serves. */
export interface ServeContext {
  store: FeedStore;
  /** True for the source of truth. */
  authority: boolean;
  /** How long ago it was last in step with the source of truth, which says 0; null: never. */
  ageMs: (feed: FeedName) => number | null;
  sizer: RowSizer;
  /** The largest payload of the link to this peer. */
  maxBytes: number;
}

/**
 * Begins to answer a pull.
 * @returns what to send, frame after frame with `serveNext`; null when there is nothing to say.
 */
export function* beginServing(pull: Pull, context: ServeContext): Steps<Serving | null> {
  const { store, authority } = context;
  let meta = yield* wait(store.meta(pull.feed));
  if (meta === null) return null;
  const markAtSince = yield* wait(pull.since === 0 ? null : store.markAt(pull.feed, pull.since));
  let plan = planPull(pull, { meta, markAtSince, authority });
  if (plan.kind === 'new-epoch' && store.newEpoch !== undefined) {
    meta = yield* wait(store.newEpoch(pull.feed));
    plan = planPull(pull, { meta, markAtSince: null, authority });
  }
  if (plan.kind === 'new-epoch' || plan.kind === 'nothing') return null;
  let mark: string | null = null;
  if (plan.kind === 'snapshot') {
    mark = plan.head === meta.head ? meta.mark : yield* wait(store.markAt(pull.feed, plan.head));
  }
  const maxBytes = Math.min(context.maxBytes, pull.maxBytes);
  return { plan, mark, coding: codingFor(pull.accept), maxBytes, askedMs: pull.askedMs };
}

/** A frame's payloads; `rest` is null when the pull's credits or the feed are used up. */
export interface Served {
  payloads: readonly Uint8Array[];
  rest: Serving | null;
}

/** Makes the next frame. Throws FoyerError `payload-too-large` for a row of over a megabyte. */
export function* serveNext(serving: Serving, context: ServeContext): Steps<Served> {
  return serving.plan.kind === 'changes'
    ? yield* serveChanges(serving, serving.plan, context)
    : yield* servePage(serving, serving.plan, context);
}

function* serveChanges(
  serving: Serving,
  plan: Extract<PullPlan, { kind: 'changes' }>,
  context: ServeContext,
): Steps<Served> {
  const { feed, meta, since } = plan;
  const { coding, maxBytes, askedMs } = serving;
  const limit = context.sizer.rowsFor(maxBytes);
  const records = yield* wait(context.store.changes(feed, since, meta.head, limit));
  const whole = records.length < limit || records.at(-1)?.seq === meta.head;
  const ageMs = context.ageMs(feed);
  const packed = packToFit({
    offered: records.length,
    maxBytes,
    coding,
    sizer: context.sizer,
    make: (count) => {
      const first = count === records.length ? records : records.slice(0, count);
      const complete = whole && count === records.length;
      return makeChunk({ feed, meta, since, records: first, complete, ageMs, askedMs });
    },
  });
  const { frame, message } = packed;
  const done = message.next >= meta.head || plan.chunks <= 1;
  const left = { ...plan, since: message.next, chunks: plan.chunks - 1 };
  const payloads = cutFrame(frame, maxBytes);
  return { payloads, rest: done ? null : { ...serving, plan: left } };
}

function* servePage(
  serving: Serving,
  plan: Extract<PullPlan, { kind: 'snapshot' }>,
  context: ServeContext,
): Steps<Served> {
  const { feed, meta, head, after } = plan;
  const { coding, maxBytes, mark } = serving;
  const limit = context.sizer.rowsFor(maxBytes);
  const records = yield* wait(context.store.page(feed, after, limit));
  const packed = packToFit({
    offered: records.length,
    maxBytes,
    coding,
    sizer: context.sizer,
    make: (count) => {
      const first = records.slice(0, count);
      const complete = records.length < limit && count === records.length;
      return makePage({ feed, meta, head, mark, after, records: first, complete });
    },
  });
  const next = packed.message.nextAfter;
  const done = next === null || plan.pages <= 1;
  const left = { ...plan, after: next ?? '', pages: plan.pages - 1 };
  const payloads = cutFrame(packed.frame, maxBytes);
  return { payloads, rest: done ? null : { ...serving, plan: left } };
}

/** Parts that a range is cut into when its rows are compared. */
const parts = 16;

function hintFrame(feed: FeedName, meta: FeedMeta): readonly Uint8Array[] {
  return [encodeFrame(makeHint(feed, meta))];
}

const nothing: readonly Uint8Array[] = [];

/** What answers may weigh: what the link carries from here, and what reaches the other end. */
function answerBytes({ maxBytes = Infinity }: Compare | FetchRange, context: ServeContext): number {
  return Math.min(context.maxBytes, maxBytes);
}

/** The answer to a comparison of digests; a hint where the receiver is not at the head. */
export function* answerCompare(
  compare: Compare,
  context: ServeContext,
): Steps<readonly Uint8Array[]> {
  const { feed, epoch, at, range } = compare;
  const meta = yield* wait(context.store.meta(feed));
  if (meta === null) return nothing;
  if (meta.epoch !== epoch || meta.head !== at || meta.digest === null) {
    return hintFrame(feed, meta);
  }
  let ranges: Compared['ranges'];
  if (range === null) {
    const digests = yield* wait(context.store.groupDigests(feed));
    ranges = [...digests].slice(0, 4096).map(([group, digest]) => {
      return { group, from: '', to: '', digest };
    });
  } else {
    const { group, from, to } = range;
    const records = yield* wait(context.store.range(feed, group, from, to));
    ranges = partsOf(records, from, to).map((part) => ({ group, ...part }));
  }
  const frame = encodeFrame({ type: 'compared', feed, epoch, at, ranges }, 'br');
  return cutFrame(frame, answerBytes(compare, context));
}

function partsOf(records: readonly HashedRecord[], from: string, to: string) {
  const size = Math.max(1, Math.ceil(records.length / parts));
  const starts: number[] = [];
  for (let start = 0; start < records.length; start += size) starts.push(start);
  if (starts.length === 0) starts.push(0);
  const placeAt = (index: number): string => {
    const record = records[index];
    return record === undefined ? to : placeOf(record);
  };
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? records.length;
    return {
      from: index === 0 ? from : placeAt(start),
      to: index === starts.length - 1 ? to : placeAt(end),
      digest: digestOf(records.slice(start, end)),
    };
  });
}

/**
 * The payloads that answer with the rows of a range: where they do not fit one, those of its
 * beginning, and `to` says how far they go.
 */
export function* answerFetch(
  fetch: FetchRange,
  context: ServeContext,
): Steps<readonly Uint8Array[]> {
  const { feed, epoch, at, group, from, to } = fetch;
  const meta = yield* wait(context.store.meta(feed));
  if (meta === null) return nothing;
  if (meta.epoch !== epoch || meta.head !== at) return hintFrame(feed, meta);
  const maxBytes = answerBytes(fetch, context);
  const records = yield* wait(context.store.range(feed, group, from, to));
  const { frame } = packToFit<RangeRows>({
    offered: Math.min(records.length, context.sizer.rowsFor(maxBytes)),
    maxBytes,
    coding: 'br',
    sizer: context.sizer,
    make: (count) => {
      const { body, taken } = packBody(records.slice(0, count));
      const beyond = records[taken];
      const end = beyond === undefined ? to : placeOf(beyond);
      const message = { type: 'range-rows', feed, epoch, at, group, from, to: end, body } as const;
      return { message, taken };
    },
  });
  return cutFrame(frame, maxBytes);
}
