import { hash } from 'node:crypto';

import type { Digest } from '@foyer/contracts';

/**
 * A row as a feed carries it, or the tombstone of one (`enc` null). `enc` is the JSON text of the
 * values in the order of `columns`: kept and served on verbatim, because hashes are over it.
 */
export interface FeedRecord {
  table: string;
  key: string;
  /** What it is counted under in digests. */
  group: string;
  seq: number;
  columns: readonly string[];
  enc: string | null;
}

/** A record of a store, with the hash that it was counted with (0 for a tombstone). */
export interface HashedRecord extends FeedRecord {
  hash: number;
}

/** Digest arithmetic is modulo this; sums of two stay exact in a double. */
const modulus = 2 ** 48;

export const emptyDigest: Digest = { count: 0, sum: 0 };

/** The first 48 bits of SHA-256 of the table and the row's encoding. */
export function rowHash(table: string, enc: string): number {
  return Number.parseInt(hash('sha256', `${table}\n${enc}`, 'hex').slice(0, 12), 16);
}

export function addHash(digest: Digest, rowHashValue: number): Digest {
  return { count: digest.count + 1, sum: (digest.sum + rowHashValue) % modulus };
}

export function removeHash(digest: Digest, rowHashValue: number): Digest {
  return { count: digest.count - 1, sum: (digest.sum - rowHashValue + modulus) % modulus };
}

export function addDigests(a: Digest, b: Digest): Digest {
  return { count: a.count + b.count, sum: (a.sum + b.sum) % modulus };
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.count === b.count && a.sum === b.sum;
}

/** The digest of rows; tombstones among them do not count. */
export function digestOf(records: Iterable<{ enc: string | null; hash: number }>): Digest {
  let digest = emptyDigest;
  for (const record of records) {
    if (record.enc !== null) digest = addHash(digest, record.hash);
  }
  return digest;
}

/** Where a record stands in the order that snapshots and ranges are paged by: `table/key`. */
export function placeOf(record: { table: string; key: string }): string {
  return `${record.table}/${record.key}`;
}

/** The table and the key of a place; "" stands before everything. */
export function splitPlace(place: string): { table: string; key: string } {
  const slash = place.indexOf('/');
  if (slash < 0) return { table: place, key: '' };
  return { table: place.slice(0, slash), key: place.slice(slash + 1) };
}
