import type { FeedName } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import {
  addDigests,
  digestOf,
  emptyDigest,
  placeOf,
  rowHash,
  sameDigest,
  type FeedRecord,
} from '../domain/rows.ts';
import type { ReplicaFeeds } from './replica-feeds.ts';
import type { ReplicaRows } from './replica-rows.ts';

/** A group's range of places [from, to), and the rows that belong there. */
export interface ReplacedRange {
  feed: FeedName;
  group: string;
  from: string;
  to: string;
  records: readonly FeedRecord[];
  nowMs: number;
}

/** What keeps a replica sound: mending ranges, finding damage, forgetting what is old. */
export class ReplicaCare {
  readonly #journal: Journal;
  readonly #rows: ReplicaRows;
  readonly #feeds: ReplicaFeeds;

  constructor(journal: Journal, rows: ReplicaRows, feeds: ReplicaFeeds) {
    this.#journal = journal;
    this.#rows = rows;
    this.#feeds = feeds;
  }

  /** Replaces a group's rows in [from, to) by `records`. @returns how many rows changed. */
  replaceRange(range: ReplacedRange): number {
    const { feed, group, from, to, records, nowMs } = range;
    return this.#journal.transaction(() => {
      const row = this.#feeds.feed(feed);
      const theirs = new Map(records.map((record) => [placeOf(record), record]));
      const changed = new Set<string>();
      for (const mine of this.#rows.range(row.generation, group, from, to)) {
        const place = placeOf(mine);
        const same = theirs.get(place)?.enc === mine.enc && theirs.get(place)?.seq === mine.seq;
        if (same && rowHash(mine.table, mine.enc ?? '') === mine.hash) theirs.delete(place);
        else this.#rows.remove(row.generation, mine.table, mine.key);
        if (!same) changed.add(place);
      }
      for (const record of theirs.values()) {
        const elsewhere = this.#rows.get(row.generation, record.table, record.key);
        if (elsewhere !== undefined) {
          this.#rows.remove(row.generation, record.table, record.key);
          this.#recount(feed, elsewhere.group);
        }
        changed.add(placeOf(record));
      }
      this.#rows.put(row.generation, [...theirs.values()], emptyDigest, nowMs);
      this.#recount(feed, group);
      return changed.size;
    });
  }

  /**
   * Recomputes the hashes of up to `limit` rows after `place` from their bytes, and where one was
   * damaged, its group's digest, so that comparing with the source finds it.
   * @returns where to go on ("" after the last row) and how many were damaged.
   */
  scrub(feed: FeedName, place: string, limit: number): { place: string; damaged: number } {
    return this.#journal.transaction(() => {
      const { generation } = this.#feeds.feed(feed);
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
      if (!more) damaged += this.#recountAll(feed);
      return { place: more ? `${last.table}/${last.key}` : '', damaged };
    });
  }

  /** Counts a group's rows anew. @returns true when its sums were others. */
  recountGroup(feed: FeedName, group: string): boolean {
    return this.#journal.transaction(() => {
      const { generation } = this.#feeds.feed(feed);
      const kept = this.#rows.groupDigests(generation).get(group) ?? emptyDigest;
      if (sameDigest(kept, digestOf(this.#rows.range(generation, group, '', '')))) return false;
      this.#recount(feed, group);
      return true;
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
    const { generation } = this.#feeds.feed(feed);
    this.#journal
      .prepare('DELETE FROM sync_row WHERE generation = ? AND enc IS NULL AND seq <= ?')
      .run(generation, floor);
    this.#feeds.raiseFloor(feed, floor);
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
        `DELETE FROM sync_row WHERE rowid IN
         (SELECT rowid FROM sync_row WHERE generation = ? LIMIT ?)`,
      )
      .run(dead.generation, limit);
    if (changes < limit) {
      for (const table of ['sync_digest', 'sync_generation']) {
        this.#journal.prepare(`DELETE FROM ${table} WHERE generation = ?`).run(dead.generation);
      }
    }
    return true;
  }

  #recount(feed: FeedName, group: string): void {
    const { generation } = this.#feeds.feed(feed);
    const digest = digestOf(this.#rows.range(generation, group, '', ''));
    this.#rows.setGroupDigest(generation, group, digest);
    this.#recountFeed(feed);
  }

  #recountFeed(feed: FeedName): void {
    let total = emptyDigest;
    const { generation } = this.#feeds.feed(feed);
    for (const digest of this.#rows.groupDigests(generation).values()) {
      total = addDigests(total, digest);
    }
    this.#feeds.setDigest(feed, total);
  }

  /** Rows that vanished or appeared leave no damaged hash behind: only counting finds them. */
  #recountAll(feed: FeedName): number {
    const { generation } = this.#feeds.feed(feed);
    const counted = this.#journal
      .prepare<{ grp: string; row_count: number }>(
        `SELECT grp, count(*) AS row_count FROM sync_row
         WHERE generation = ? AND enc IS NOT NULL GROUP BY grp`,
      )
      .all(generation);
    const kept = this.#rows.groupDigests(generation);
    const wrong = counted.filter(({ grp, row_count }) => kept.get(grp)?.count !== row_count);
    for (const { grp } of counted) kept.delete(grp);
    const groups = [...wrong.map(({ grp }) => grp), ...kept.keys()];
    for (const group of groups) this.#recount(feed, group);
    return groups.length;
  }
}
