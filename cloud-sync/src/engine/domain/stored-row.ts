import type { HashedRecord } from './rows.ts';

/** A row of a feed as tables keep it; `names` is the JSON list of its columns. */
export interface StoredRow {
  tbl: string;
  key: string;
  grp: string;
  seq: number;
  names: string;
  enc: string | null;
  hash: number;
}

/** @param columns lists by their JSON: thousands of rows share one. */
export function storedRecord(
  row: StoredRow,
  columns: Map<string, readonly string[]>,
): HashedRecord {
  const { tbl, key, grp, seq, names, enc, hash } = row;
  let list = columns.get(names);
  if (list === undefined) {
    const parsed: unknown = JSON.parse(names);
    list = Array.isArray(parsed) ? parsed.map(String) : [];
    columns.set(names, list);
  }
  return { table: tbl, key, group: grp, seq, columns: list, enc, hash };
}
