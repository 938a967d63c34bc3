import { feedTables, type FeedRow, type FeedTable } from '@foyer/contracts';

import type { FeedRecord } from '../domain/rows.ts';

/**
 * A record as the row of its table, through the contract's schema; null for a tombstone, and for a
 * row that the schema refuses (a newer source's, or damaged on the disk).
 */
export function rowOf<T extends FeedTable>(
  table: T,
  record: Pick<FeedRecord, 'table' | 'columns' | 'enc'> | undefined,
): FeedRow<T> | null {
  if (record?.table !== table || record.enc === null) return null;
  let values: unknown;
  try {
    values = JSON.parse(record.enc);
  } catch {
    return null;
  }
  if (!Array.isArray(values)) return null;
  const row = Object.fromEntries(
    record.columns.map((column, c): [string, unknown] => [column, values[c]]),
  );
  const parsed = feedTables[table].schema.safeParse(row);
  return parsed.success ? (parsed.data as FeedRow<T>) : null;
}
