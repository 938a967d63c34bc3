import { z } from 'zod';
import { seqSchema } from '../ids.ts';

/**
 * Rows on the wire, by column. A row's encoding, over which it is hashed and which a replica keeps
 * verbatim, is `JSON.stringify` of its values in the order of `columns`; a table or a column that a
 * receiver does not know is kept and served on all the same.
 */
export const rowBlockSchema = z.object({
  table: z.string().min(1).max(32),
  columns: z.array(z.string().min(1).max(32)).min(1).max(64),
  /** `values[c][r]` is column c of row r; each inner array is as long as `keys`. */
  values: z.array(z.array(z.json())),
  keys: z.array(z.string().max(64)),
  /** What each row is counted under in digests: a show number as text, or "". */
  groups: z.array(z.string().max(16)),
  seqs: z.array(seqSchema),
});
export type RowBlock = z.infer<typeof rowBlockSchema>;

/** Rows that are gone. */
export const tombstoneSchema = z.object({
  table: z.string().min(1).max(32),
  key: z.string().max(64),
  group: z.string().max(16),
  seq: seqSchema,
});

export const feedBodySchema = z.object({
  blocks: z.array(rowBlockSchema).max(64),
  tombstones: z.array(tombstoneSchema),
});
export type FeedBody = z.infer<typeof feedBodySchema>;

/** (count, sum of row hashes modulo 2^48) of a set of rows; tombstones do not count. */
export const digestSchema = z.object({
  count: z.int().min(0),
  sum: z.int().min(0).max(2 ** 48 - 1),
});
export type Digest = z.infer<typeof digestSchema>;
