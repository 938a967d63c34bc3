import type { Digest, FeedName } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import type { FeedMeta, FeedStore } from '../domain/ports.ts';
import { emptyDigest, rowHash, type FeedRecord, type HashedRecord } from '../domain/rows.ts';
import { ReplicaRows } from './replica-rows.ts';
import { migrateEngine } from './schema.ts';

/** Where a replica stands in a feed. `epoch` null: it has nothing yet. */
export interface ReplicaPosition {
  epoch: string | null;
  cursor: number;
  mark: string | null;
  floor: number;
  /** When the upstream last said that nothing or this was new, UTC milliseconds; null: never. */
  appliedMs: number | null;
  digest: Digest;
  /** False while rows are newer than the cursor: a snapshot swapped in that others wrote during. */
  settled: boolean;
}

/** A snapshot that is being fetched beside the generation that serves. */
export interface SnapshotBuild {
  epoch: string;
  head: number;
  after: string;
}

interface FeedRow {
  feed: FeedName;
  generation: number;
  epoch: string | null;
  cursor: number;
  mark: string | null;
  floor: number;
  newest_seq: number;
  row_count: number;
  row_sum: number;
  applied_ms: number | null;
}

interface BuildRow {
  generation: number;
  epoch: string;
  head: number;
  mark: string | null;
  floor: number;
  after: string;
  newest_seq: number;
  row_count: number;
  row_sum: number;
}

/** Marks that are kept of a feed: those of the newest commits or chunks. */
const keptMarks = 4096;

/**
 * An agent's copy of the feeds: rows verbatim, cursor, digests, generations. Every change is one
 * transaction. It serves the same (epoch, seq) on to others: it is a FeedStore that answers at once.
 */
export class ReplicaStore implements FeedStore {
  readonly #journal: Journal;
  readonly #rows: ReplicaRows;
  /** Feeds whose epoch the upstream named since this process began. */
  readonly #confirmed = new Set<FeedName>();

  constructor(journal: Journal) {
    migrateEngine(journal);
    this.#journal = journal;
    this.#rows = new ReplicaRows(journal);
  }

  // -- where it stands ---------------------------------------------------------------------------

  position(feed: FeedName): ReplicaPosition {
    const row = this.#feed(feed);
    return {
      epoch: row.epoch,
      cursor: row.cursor,
      mark: row.mark,
      floor: row.floor,
      appliedMs: row.applied_ms,
      digest: { count: row.row_count, sum: row.row_sum },
      settled: row.newest_seq <= row.cursor,
    };
  }

  build(feed: FeedName): SnapshotBuild | null {
    const row = this.#build(feed);
    return row === undefined ? null : { epoch: row.epoch, head: row.head, after: row.after };
  }

  meta(feed: FeedName): FeedMeta | null {
    const row = this.#feed(feed);
    if (row.epoch === null) return null;
    return {
      epoch: row.epoch,
      head: row.cursor,
      mark: row.mark,
      floor: row.floor,
      digest: row.newest_seq <= row.cursor ? { count: row.row_count, sum: row.row_sum } : null,
      confirmed: this.#confirmed.has(feed),
    };
  }

  /** The upstream named the epoch that this replica has: it may now move others to it. */
  confirm(feed: FeedName): void {
    this.#confirmed.add(feed);
  }

  /** Notes that the upstream was heard and had nothing newer, for the age of the data. */
  touch(feed: FeedName, nowMs: number): void {
    this.#journal.prepare('UPDATE sync_feed SET applied_ms = ? WHERE feed = ?').run(nowMs, feed);
  }

  // -- what it holds -----------------------------------------------------------------------------

  get(feed: FeedName, table: string, key: string): HashedRecord | undefined {
    return this.#rows.get(this.#feed(feed).generation, table, key);
  }

  /** All rows of a table, by key. */
  all(feed: FeedName, table: string): HashedRecord[] {
    return this.#rows.ofTable(this.#feed(feed).generation, table);
  }

  markAt(feed: FeedName, seq: number): string | null {
    // The commit that holds `seq` may end behind it; a replica knows only where chunks ended.
    const row = this.#journal
      .prepare<{ mark: string }>('SELECT mark FROM sync_mark WHERE feed = ? AND seq = ?')
      .get(feed, seq);
    return row?.mark ?? null;
  }

  changes(feed: FeedName, after: number, upTo: number, limit: number): HashedRecord[] {
    return this.#rows.changes(this.#feed(feed).generation, after, upTo, limit);
  }

  page(feed: FeedName, after: string, limit: number): HashedRecord[] {
    return this.#rows.page(this.#feed(feed).generation, after, limit);
  }

  groupDigests(feed: FeedName): Map<string, Digest> {
    return this.#rows.groupDigests(this.#feed(feed).generation);
  }

  range(feed: FeedName, group: string, from: string, to: string): HashedRecord[] {
    return this.#rows.range(this.#feed(feed).generation, group, from, to);
  }

  // -- changes -----------------------------------------------------------------------------------

  /**
   * Applies the changes up to `next` in one transaction: rows, cursor, digests. The caller has
   * checked that they follow the cursor; `epoch` differs from the replica's only when it is empty.
   */
  applyChunk(input: {
    feed: FeedName;
    epoch: string;
    next: number;
    mark: string | null;
    floor: number | undefined;
    records: readonly FeedRecord[];
    nowMs: number;
  }): void {
    const { feed, epoch, next, mark, nowMs } = input;
    this.#journal.transaction(() => {
      const row = this.#feed(feed);
      const before = { count: row.row_count, sum: row.row_sum };
      const { digest, newestSeq } = this.#rows.put(row.generation, input.records, before, nowMs);
      this.#setFeed({
        ...row,
        epoch,
        cursor: next,
        mark,
        floor: Math.max(row.floor, input.floor ?? 0),
        newest_seq: Math.max(row.newest_seq, newestSeq),
        row_count: digest.count,
        row_sum: digest.sum,
        applied_ms: nowMs,
      });
      if (mark !== null) this.#addMark(feed, next, mark);
    });
  }

  /**
   * Takes one page into the generation that is being built; with the last one (`nextAfter` null)
   * the generations swap in the same transaction.
   * @returns true when they swapped.
   */
  applyPage(input: {
    feed: FeedName;
    epoch: string;
    head: number;
    mark: string | null;
    floor: number;
    after: string;
    nextAfter: string | null;
    records: readonly FeedRecord[];
    nowMs: number;
  }): boolean {
    const { feed, epoch, head, mark, floor, nextAfter, nowMs } = input;
    return this.#journal.transaction(() => {
      if (input.after === '') this.#startBuild(feed, { epoch, head, mark, floor });
      const build = this.#build(feed);
      if (build === undefined) return false;
      const before = { count: build.row_count, sum: build.row_sum };
      const put = this.#rows.put(build.generation, input.records, before, nowMs);
      const grown: BuildRow = {
        ...build,
        after: nextAfter ?? build.after,
        newest_seq: Math.max(build.newest_seq, put.newestSeq),
        row_count: put.digest.count,
        row_sum: put.digest.sum,
      };
      if (nextAfter === null) this.#swap(feed, grown, nowMs);
      else this.#setBuild(feed, grown);
      return nextAfter === null;
    });
  }

  /** Forgets a snapshot that is being fetched. */
  dropBuild(feed: FeedName): void {
    this.#journal.transaction(() => {
      this.#journal.prepare('DELETE FROM sync_build WHERE feed = ?').run(feed);
    });
  }

  /** Replaces a group's rows in [from, to) by `records`. @returns how many rows changed. */
  replaceRange(input: {
    feed: FeedName;
    group: string;
    from: string;
    to: string;
    records: readonly FeedRecord[];
    nowMs: number;
  }): number {
    const { feed, group, from, to, records, nowMs } = input;
    return this.#journal.transaction(() => {
      const row = this.#feed(feed);
      const theirs = new Map(records.map((record) => [`${record.table}/${record.key}`, record]));
      let changed = 0;
      for (const mine of this.#rows.range(row.generation, group, from, to)) {
        const place = `${mine.table}/${mine.key}`;
        const same = theirs.get(place)?.enc === mine.enc && theirs.get(place)?.seq === mine.seq;
        if (same && rowHash(mine.table, mine.enc ?? '') === mine.hash) theirs.delete(place);
        else this.#rows.remove(row.generation, mine.table, mine.key);
        if (!same) changed += 1;
      }
      for (const record of theirs.values()) {
        const elsewhere = this.#rows.get(row.generation, record.table, record.key);
        if (elsewhere !== undefined) {
          this.#rows.remove(row.generation, record.table, record.key);
          this.#recount(feed, elsewhere.group);
        } else changed += 1;
      }
      this.#rows.put(row.generation, [...theirs.values()], emptyDigest, nowMs);
      this.#recount(feed, group);
      return changed;
    });
  }

  /**
   * Recomputes the hashes of up to `limit` rows after `place` from their bytes, and where one was
   * damaged, its group's digest, so that comparing with the source finds it.
   * @returns where to go on ("" after the last row) and how many were damaged.
   */
  scrub(feed: FeedName, place: string, limit: number): { place: string; damaged: number } {
    return this.#journal.transaction(() => {
      const { generation } = this.#feed(feed);
      const records = this.#rows.page(generation, place, limit);
      const groups = new Set<string>();
      let damaged = 0;
      for (const record of records) {
        const hash = record.enc === null ? 0 : rowHash(record.table, record.enc);
        if (hash === record.hash) continue;
        damaged += 1;
        groups.add(record.group);
        this.#rows.setHash(generation, record.table, record.key, hash);
      }
      for (const group of groups) this.#recount(feed, group);
      const last = records.at(-1);
      const more = records.length === limit && last !== undefined;
      if (!more) this.#recountAll(feed);
      return { place: more ? `${last.table}/${last.key}` : '', damaged };
    });
  }

  /**
   * Forgets tombstones older than `beforeMs`, raising the floor, and up to `limit` rows of
   * generations that nothing serves any more. @returns true when there is more to forget.
   */
  compact(beforeMs: number, limit: number): boolean {
    return this.#journal.transaction(() => {
      const old = this.#journal
        .prepare<{ feed: FeedName; floor: number }>(
          `SELECT f.feed AS feed, max(r.seq) AS floor FROM sync_row AS r
           JOIN sync_feed AS f ON f.generation = r.generation
           WHERE r.gone_ms < ? AND r.seq <= f.cursor GROUP BY f.feed`,
        )
        .all(beforeMs);
      for (const { feed, floor } of old) this.#forgetTombstones(feed, floor);
      return this.#sweep(limit);
    });
  }

  #forgetTombstones(feed: FeedName, floor: number): void {
    const { generation } = this.#feed(feed);
    this.#journal
      .prepare('DELETE FROM sync_row WHERE generation = ? AND enc IS NULL AND seq <= ?')
      .run(generation, floor);
    this.#journal
      .prepare('UPDATE sync_feed SET floor = max(floor, ?) WHERE feed = ?')
      .run(floor, feed);
  }

  #sweep(limit: number): boolean {
    const dead = this.#journal
      .prepare<{ generation: number }>(
        `SELECT generation FROM sync_generation
         WHERE generation NOT IN (SELECT generation FROM sync_feed)
         AND generation NOT IN (SELECT generation FROM sync_build) LIMIT 1`,
      )
      .get();
    if (dead === undefined) return false;
    const { changes } = this.#journal
      .prepare(
        `DELETE FROM sync_row WHERE (generation, tbl, key) IN
         (SELECT generation, tbl, key FROM sync_row WHERE generation = ? LIMIT ?)`,
      )
      .run(dead.generation, limit);
    if (changes < limit) {
      for (const table of ['sync_digest', 'sync_generation']) {
        this.#journal.prepare(`DELETE FROM ${table} WHERE generation = ?`).run(dead.generation);
      }
    }
    return true;
  }

  // -- rows of its own tables --------------------------------------------------------------------

  #feed(feed: FeedName): FeedRow {
    const find = this.#journal.prepare<FeedRow>('SELECT * FROM sync_feed WHERE feed = ?');
    const row = find.get(feed);
    if (row !== undefined) return row;
    const fresh: FeedRow = {
      feed,
      generation: this.#newGeneration(feed),
      epoch: null,
      cursor: 0,
      mark: null,
      floor: 0,
      newest_seq: 0,
      row_count: 0,
      row_sum: 0,
      applied_ms: null,
    };
    this.#setFeed(fresh);
    return fresh;
  }

  #setFeed(row: FeedRow): void {
    this.#journal
      .prepare('INSERT OR REPLACE INTO sync_feed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        row.feed,
        row.generation,
        row.epoch,
        row.cursor,
        row.mark,
        row.floor,
        row.newest_seq,
        row.row_count,
        row.row_sum,
        row.applied_ms,
      );
  }

  #build(feed: FeedName): BuildRow | undefined {
    return this.#journal.prepare<BuildRow>('SELECT * FROM sync_build WHERE feed = ?').get(feed);
  }

  #setBuild(feed: FeedName, row: BuildRow): void {
    this.#journal
      .prepare('INSERT OR REPLACE INTO sync_build VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        feed,
        row.generation,
        row.epoch,
        row.head,
        row.mark,
        row.floor,
        row.after,
        row.newest_seq,
        row.row_count,
        row.row_sum,
      );
  }

  #startBuild(
    feed: FeedName,
    of: { epoch: string; head: number; mark: string | null; floor: number },
  ): void {
    const generation = this.#newGeneration(feed);
    const empty = { newest_seq: 0, row_count: 0, row_sum: 0 };
    this.#setBuild(feed, { generation, ...of, after: '', ...empty });
  }

  #swap(feed: FeedName, build: BuildRow, nowMs: number): void {
    const { generation, epoch, head, mark, floor, newest_seq, row_count, row_sum } = build;
    const counted = { newest_seq, row_count, row_sum };
    this.#setFeed({
      feed,
      generation,
      epoch,
      cursor: head,
      mark,
      floor,
      ...counted,
      applied_ms: nowMs,
    });
    this.#journal.prepare('DELETE FROM sync_build WHERE feed = ?').run(feed);
    this.#journal.prepare('DELETE FROM sync_mark WHERE feed = ?').run(feed);
    if (mark !== null) this.#addMark(feed, head, mark);
  }

  #newGeneration(feed: FeedName): number {
    this.#journal.prepare('INSERT INTO sync_generation (feed) VALUES (?)').run(feed);
    return (
      this.#journal
        .prepare<{ newest: number }>('SELECT max(generation) AS newest FROM sync_generation')
        .get()?.newest ?? 1
    );
  }

  #addMark(feed: FeedName, seq: number, mark: string): void {
    this.#journal.prepare('INSERT OR REPLACE INTO sync_mark VALUES (?, ?, ?)').run(feed, seq, mark);
    this.#journal
      .prepare('DELETE FROM sync_mark WHERE feed = ? AND seq <= ?')
      .run(feed, seq - keptMarks);
  }

  #recount(feed: FeedName, group: string): void {
    const { generation } = this.#feed(feed);
    let digest = emptyDigest;
    for (const { hash } of this.#rows.range(generation, group, '', '')) {
      digest = { count: digest.count + 1, sum: (digest.sum + hash) % 2 ** 48 };
    }
    this.#rows.setGroupDigest(generation, group, digest);
    this.#recountFeed(feed);
  }

  #recountFeed(feed: FeedName): void {
    let count = 0;
    let sum = 0;
    for (const digest of this.#rows.groupDigests(this.#feed(feed).generation).values()) {
      count += digest.count;
      sum = (sum + digest.sum) % 2 ** 48;
    }
    this.#journal
      .prepare('UPDATE sync_feed SET row_count = ?, row_sum = ? WHERE feed = ?')
      .run(count, sum, feed);
  }

  /** Rows that vanished or appeared leave no damaged hash behind: only counting finds them. */
  #recountAll(feed: FeedName): void {
    const { generation } = this.#feed(feed);
    const counted = this.#journal
      .prepare<{ grp: string; row_count: number }>(
        `SELECT grp, count(*) AS row_count FROM sync_row
         WHERE generation = ? AND enc IS NOT NULL GROUP BY grp`,
      )
      .all(generation);
    const kept = this.#rows.groupDigests(generation);
    for (const { grp, row_count } of counted) {
      if (kept.get(grp)?.count !== row_count) this.#recount(feed, grp);
      kept.delete(grp);
    }
    for (const grp of kept.keys()) this.#recount(feed, grp);
  }
}
