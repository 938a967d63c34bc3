import type { Digest } from '@foyer/contracts';
import type { Journal, Statement } from '@foyer/platform';

import {
  addHash,
  emptyDigest,
  removeHash,
  rowHash,
  splitPlace,
  type FeedRecord,
  type HashedRecord,
} from '../domain/rows.ts';
import { storedRecord, type StoredRow } from '../domain/stored-row.ts';

interface Counted {
  row_count: number;
  row_sum: number;
}

const fields = 'tbl, key, grp, r.seq AS seq, c.names AS names, enc, hash';
const from = 'sync_row AS r JOIN sync_columns AS c ON c.id = r.columns_id';
/** Beyond every key: keys are at most 64 characters of well-formed text. */
const openEnd = '\u{10ffff}';

/** Rows of generations in the journal, with the digests of their groups. Knows nothing of feeds. */
export class ReplicaRows {
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #old: Statement<{ grp: string; seq: number; enc: string | null; hash: number }>;
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#insert = journal.prepare(
      'INSERT OR IGNORE INTO sync_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#update = journal.prepare(
      `UPDATE sync_row SET grp = ?, seq = ?, columns_id = ?, enc = ?, hash = ?, gone_ms = ?
       WHERE generation = ? AND tbl = ? AND key = ?`,
    );
    this.#old = journal.prepare(
      'SELECT grp, seq, enc, hash FROM sync_row WHERE generation = ? AND tbl = ? AND key = ?',
    );
  }

  /**
   * Puts records into a generation, inside the caller's transaction.
   * @param digest of the whole generation before; @returns it after, and the newest seq.
   */
  put(
    generation: number,
    records: readonly FeedRecord[],
    digest: Digest,
    nowMs: number,
  ): { digest: Digest; newestSeq: number } {
    const groups = new Map<string, Digest>();
    let columns: readonly string[] | null = null;
    let columnsId = 0;
    let total = digest;
    let newestSeq = 0;
    const count = (group: string, change: (digest: Digest) => Digest): void => {
      groups.set(group, change(groups.get(group) ?? this.#groupDigest(generation, group)));
      total = change(total);
    };
    for (const record of records) {
      if (record.columns !== columns) {
        columns = record.columns;
        columnsId = this.#columnsId(columns);
      }
      newestSeq = Math.max(newestSeq, record.seq);
      const hash = record.enc === null ? 0 : rowHash(record.table, record.enc);
      const old = this.#write(generation, record, columnsId, hash, nowMs);
      if (old === 'newer') continue;
      if (old !== null) count(old.grp, (before) => removeHash(before, old.hash));
      if (record.enc !== null) count(record.group, (before) => addHash(before, hash));
    }
    for (const [group, value] of groups) this.setGroupDigest(generation, group, value);
    return { digest: total, newestSeq };
  }

  /** What stood there and counted: null when nothing did, `newer` when it stays. */
  #write(
    generation: number,
    record: FeedRecord,
    columnsId: number,
    hash: number,
    nowMs: number,
  ): { grp: string; hash: number } | null | 'newer' {
    const { table, key, group, seq, enc } = record;
    const goneMs = enc === null ? nowMs : null;
    const put = this.#insert.run(generation, table, key, group, seq, columnsId, enc, hash, goneMs);
    if (put.changes === 1) return null;
    const old = this.#old.get(generation, table, key);
    if (old === undefined) return null;
    if (old.seq > seq) return 'newer';
    this.#update.run(group, seq, columnsId, enc, hash, goneMs, generation, table, key);
    return old.enc === null ? null : old;
  }

  #columnsId(columns: readonly string[]): number {
    const names = JSON.stringify(columns);
    const find = this.#journal.prepare<{ id: number }>(
      'SELECT id FROM sync_columns WHERE names = ?',
    );
    const known = find.get(names);
    if (known !== undefined) return known.id;
    this.#journal.prepare('INSERT INTO sync_columns (names) VALUES (?)').run(names);
    return find.get(names)?.id ?? 0;
  }

  #groupDigest(generation: number, group: string): Digest {
    const row = this.#journal
      .prepare<Counted>(
        'SELECT row_count, row_sum FROM sync_digest WHERE generation = ? AND grp = ?',
      )
      .get(generation, group);
    return row === undefined ? emptyDigest : { count: row.row_count, sum: row.row_sum };
  }

  setGroupDigest(generation: number, group: string, digest: Digest): void {
    if (digest.count === 0 && digest.sum === 0) {
      this.#journal
        .prepare('DELETE FROM sync_digest WHERE generation = ? AND grp = ?')
        .run(generation, group);
      return;
    }
    this.#journal
      .prepare('INSERT OR REPLACE INTO sync_digest VALUES (?, ?, ?, ?)')
      .run(generation, group, digest.count, digest.sum);
  }

  groupDigests(generation: number): Map<string, Digest> {
    const rows = this.#journal
      .prepare<Counted & { grp: string }>('SELECT * FROM sync_digest WHERE generation = ?')
      .all(generation);
    return new Map(rows.map((row) => [row.grp, { count: row.row_count, sum: row.row_sum }]));
  }

  get(generation: number, table: string, key: string): HashedRecord | undefined {
    const row = this.#journal
      .prepare<StoredRow>(
        `SELECT ${fields} FROM ${from} WHERE generation = ? AND tbl = ? AND key = ?`,
      )
      .get(generation, table, key);
    return row === undefined ? undefined : storedRecord(row, new Map());
  }

  /** By key. */
  ofTable(generation: number, table: string): HashedRecord[] {
    return this.#records(
      `SELECT ${fields} FROM ${from} WHERE generation = ? AND tbl = ? AND enc IS NOT NULL
       ORDER BY key`,
      [generation, table],
    );
  }

  changes(generation: number, after: number, upTo: number, limit: number): HashedRecord[] {
    return this.#records(
      `SELECT ${fields} FROM ${from} WHERE generation = ? AND r.seq > ? AND r.seq <= ?
       ORDER BY r.seq LIMIT ?`,
      [generation, after, upTo, limit],
    );
  }

  page(generation: number, after: string, limit: number): HashedRecord[] {
    const { table, key } = splitPlace(after);
    return this.#records(
      `SELECT ${fields} FROM ${from} WHERE generation = ? AND (tbl, key) > (?, ?)
       ORDER BY tbl, key LIMIT ?`,
      [generation, table, key, limit],
    );
  }

  range(generation: number, group: string, begin: string, end: string): HashedRecord[] {
    const first = splitPlace(begin);
    const last = end === '' ? { table: openEnd, key: '' } : splitPlace(end);
    return this.#records(
      `SELECT ${fields} FROM ${from} WHERE generation = ? AND grp = ? AND enc IS NOT NULL
       AND (tbl, key) >= (?, ?) AND (tbl, key) < (?, ?) ORDER BY tbl, key`,
      [generation, group, first.table, first.key, last.table, last.key],
    );
  }

  remove(generation: number, table: string, key: string): void {
    this.#journal
      .prepare('DELETE FROM sync_row WHERE generation = ? AND tbl = ? AND key = ?')
      .run(generation, table, key);
  }

  setHash(generation: number, table: string, key: string, hash: number): void {
    this.#journal
      .prepare('UPDATE sync_row SET hash = ? WHERE generation = ? AND tbl = ? AND key = ?')
      .run(hash, generation, table, key);
  }

  #records(sql: string, values: (string | number)[]): HashedRecord[] {
    const columns = new Map<string, readonly string[]>();
    const rows = this.#journal.prepare<StoredRow>(sql).all(...values);
    return rows.map((row) => storedRecord(row, columns));
  }
}
