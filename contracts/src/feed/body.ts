import { z } from 'zod';
import { seqSchema } from '../ids.ts';

/** Separates the pieces of a column; neither JSON texts nor plain strings contain it. */
export const columnSeparator = '\n';

/**
 * A column of a block, as one text: cheap to validate and to compress.
 *
 * - `same`: every row has the value whose JSON text `text` is
 * - `text`: strings that JSON writes without an escape, joined
 * - `int`: whole numbers in decimal, joined
 * - `json`: the JSON texts of the values, joined
 */
export const columnSchema = z.object({
  coding: z.enum(['same', 'text', 'int', 'json']),
  text: z.string(),
});
export type Column = z.infer<typeof columnSchema>;

/**
 * Rows on the wire, by column. A row's encoding, over which it is hashed and which a replica keeps
 * verbatim, is `JSON.stringify` of its values in the order of `columns`; a table or a column that a
 * receiver does not know is kept and served on all the same.
 */
export const rowBlockSchema = z.object({
  table: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  columns: z.array(z.string().min(1).max(32)).min(1).max(64),
  /** How many rows it holds. */
  rows: z.int().min(1).max(65_536),
  /** One for each of `columns`. */
  values: z.array(columnSchema).min(1).max(64),
  /** Each row's key: the place of a `text` or `int` column, or a column of its own. */
  keys: z.union([z.int().min(0).max(63), columnSchema]),
  /** What each row is counted under in digests, a show number as text or "": likewise. */
  groups: z.union([z.int().min(0).max(63), columnSchema]),
  seqs: z.object({
    first: seqSchema,
    /** Each following row's distance from the one before it, joined by ","; "" when all are 1. */
    steps: z.string(),
  }),
});
export type RowBlock = z.infer<typeof rowBlockSchema>;

/** Rows that are gone. */
export const tombstoneSchema = z.object({
  table: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  key: z.string().max(64),
  group: z.string().max(16),
  seq: seqSchema,
});
export type Tombstone = z.infer<typeof tombstoneSchema>;

export const feedBodySchema = z.object({
  blocks: z.array(rowBlockSchema).max(64),
  tombstones: z.array(tombstoneSchema).max(65_536),
});
export type FeedBody = z.infer<typeof feedBodySchema>;

/** (count, sum of row hashes modulo 2^48) of a set of rows; tombstones do not count. */
export const digestSchema = z.object({
  count: z.int().min(0),
  sum: z
    .int()
    .min(0)
    .max(2 ** 48 - 1),
});
export type Digest = z.infer<typeof digestSchema>;
