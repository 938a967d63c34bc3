import { z } from 'zod';
import { markSchema, seqSchema, uuidSchema } from '../ids.ts';
import { digestSchema, feedBodySchema } from './body.ts';
import { feedNameSchema } from './rows.ts';

const feed = feedNameSchema;
const position = { feed, epoch: uuidSchema };
/** The largest payload that reaches whoever asks; answers come in such, or in pieces of them. */
const maxBytes = z.int().min(512).max(1_048_576);
/**
 * UTC milliseconds by the clock of whoever asks; the answer repeats it. A broker or a bridge may
 * hold an answer for hours, and hand it to another start of whoever asked. Earlier versions leave
 * it out.
 */
const askedMs = z.int().min(0).optional();

/** There may be more. It may be lost, doubled or late. */
export const hintSchema = z.object({
  type: z.literal('hint'),
  ...position,
  head: seqSchema,
  digest: digestSchema.optional(),
});

/** Asks for what follows `since`. The source keeps no state per receiver. */
export const pullSchema = z.object({
  type: z.literal('pull'),
  feed,
  /** Null for a receiver that has nothing yet. */
  epoch: uuidSchema.nullable(),
  since: seqSchema,
  /** The mark of the commit at `since`; a source that does not know it was restored. */
  mark: markSchema.nullable(),
  /** How many chunks the receiver will take for this pull. */
  credits: z.int().min(1).max(64),
  maxBytes,
  accept: z.array(z.enum(['json', 'br'])).max(4),
  /** Set while a snapshot is fetched: the page after this key of this table. */
  snapshot: z.object({ head: seqSchema, after: z.string().max(128) }).nullable(),
  askedMs,
});

/** Changes in (since, next]. Applied only if the epoch matches and `since` is the cursor. */
export const chunkSchema = z.object({
  type: z.literal('chunk'),
  ...position,
  since: seqSchema,
  next: seqSchema,
  head: seqSchema,
  /** The mark of the commit at `next`. */
  mark: markSchema.nullable(),
  /** Up to here tombstones were forgotten: a cursor below it, unless 0, needs a snapshot. */
  floor: seqSchema.optional(),
  /** Of the whole feed at `head`; only where `next` is `head`. */
  digest: digestSchema.optional(),
  /**
   * How long ago the sender was last in step with the source of truth, which says 0; null: it
   * never was. Only where `next` is `head`; earlier versions leave it out, and it counts as 0.
   */
  ageMs: z.int().min(0).nullable().optional(),
  askedMs,
  body: feedBodySchema,
});

/** A page of a snapshot as of `head`, by primary key. It replaces an epoch, or a too old cursor. */
export const snapshotSchema = z.object({
  type: z.literal('snapshot'),
  ...position,
  head: seqSchema,
  mark: markSchema.nullable(),
  floor: seqSchema.optional(),
  /** "" for the first page. */
  after: z.string().max(128),
  /** Null on the last page. */
  nextAfter: z.string().max(128).nullable(),
  body: feedBodySchema,
});

/** Asks for digests: of every group, or of the parts of one group's key range. */
export const compareSchema = z.object({
  type: z.literal('compare'),
  ...position,
  at: seqSchema,
  range: z
    .object({ group: z.string().max(16), from: z.string().max(128), to: z.string().max(128) })
    .nullable(),
  maxBytes: maxBytes.optional(),
});

const rangeDigestSchema = z.object({
  group: z.string().max(16),
  /** Keys as `table/key`, from inclusive, to exclusive; "" is open. */
  from: z.string().max(128),
  to: z.string().max(128),
  digest: digestSchema,
});

export const comparedSchema = z.object({
  type: z.literal('compared'),
  ...position,
  at: seqSchema,
  ranges: z.array(rangeDigestSchema).max(4096),
});

/** Asks for all the rows of one range, to replace what the receiver has there. */
export const fetchRangeSchema = z.object({
  type: z.literal('fetch-range'),
  ...position,
  at: seqSchema,
  group: z.string().max(16),
  from: z.string().max(128),
  to: z.string().max(128),
  maxBytes: maxBytes.optional(),
});

export const rangeRowsSchema = z.object({
  type: z.literal('range-rows'),
  ...position,
  at: seqSchema,
  group: z.string().max(16),
  from: z.string().max(128),
  to: z.string().max(128),
  body: feedBodySchema,
});

export const feedMessageSchemas = [
  hintSchema,
  pullSchema,
  chunkSchema,
  snapshotSchema,
  compareSchema,
  comparedSchema,
  fetchRangeSchema,
  rangeRowsSchema,
] as const;

export type Hint = z.infer<typeof hintSchema>;
export type Pull = z.infer<typeof pullSchema>;
export type Chunk = z.infer<typeof chunkSchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Compare = z.infer<typeof compareSchema>;
export type Compared = z.infer<typeof comparedSchema>;
export type FetchRange = z.infer<typeof fetchRangeSchema>;
export type RangeRows = z.infer<typeof rangeRowsSchema>;
