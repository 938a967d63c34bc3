import type { Digest, FeedName } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import { ageOf, inStepMs } from '../domain/data-age.ts';
import type { FeedMeta, FeedStore } from '../domain/ports.ts';
import type { FeedRecord, HashedRecord } from '../domain/rows.ts';
import { ReplicaCare, type ReplacedRange } from './replica-care.ts';
import { ReplicaFeeds, type BuildRow, type FeedRow } from './replica-feeds.ts';
import { ReplicaRows } from './replica-rows.ts';
import { migrateEngine } from './schema.ts';

/** Where a replica stands in a feed. `epoch` null: it has nothing yet. */
export interface ReplicaPosition {
  epoch: string | null;
  cursor: number;
  mark: string | null;
  floor: number;
  /** When it was last known to be in step with the source of truth, UTC ms; null: never. */
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

/** How exactly the age of the data is kept: noting it is a commit. */
const touchEveryMs = 2000;

/**
 * An agent's copy of the feeds: rows verbatim, cursor, digests, generations. Every change is one
 * transaction. It serves the same (epoch, seq) on to others: it is a FeedStore that answers at
 * once.
 */
export class ReplicaStore implements FeedStore {
  readonly #journal: Journal;
  readonly #rows: ReplicaRows;
  readonly #feeds: ReplicaFeeds;
  readonly #care: ReplicaCare;
  /** Feeds whose epoch the upstream named since this process began. */
  readonly #confirmed = new Set<FeedName>();
  /**
   * Feeds that differ from the upstream's, until they are mended: no one is to compare with them.
   */
  readonly #suspect = new Set<FeedName>();
  readonly #versions = new Map<FeedName, number>();

  constructor(journal: Journal) {
    migrateEngine(journal);
    this.#journal = journal;
    this.#rows = new ReplicaRows(journal);
    this.#feeds = new ReplicaFeeds(journal);
    this.#care = new ReplicaCare(journal, this.#rows, this.#feeds);
  }

  // -- where it stands ---------------------------------------------------------------------------

  position(feed: FeedName): ReplicaPosition {
    const row = this.#feeds.feed(feed);
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
    const row = this.#feeds.build(feed);
    return row === undefined ? null : { epoch: row.epoch, head: row.head, after: row.after };
  }

  meta(feed: FeedName): FeedMeta | null {
    const row = this.#feeds.feed(feed);
    if (row.epoch === null) return null;
    return {
      epoch: row.epoch,
      head: row.cursor,
      mark: row.mark,
      floor: row.floor,
      digest: this.#isComparable(feed, row) ? { count: row.row_count, sum: row.row_sum } : null,
      confirmed: this.#confirmed.has(feed),
    };
  }

  /**
   * Whether its rows are those of one commit, as everybody's are who is at the same place. On the
   * way there (no mark) a row that changes again further on is missing from a replica that began
   * empty, and is in one that began with it as it was.
   */
  #isComparable(feed: FeedName, row: FeedRow): boolean {
    return row.mark !== null && row.newest_seq <= row.cursor && !this.#suspect.has(feed);
  }

  /** The upstream named the epoch that this replica has: it may now move others to it. */
  confirm(feed: FeedName): void {
    this.#confirmed.add(feed);
  }

  /**
   * Its digest is not offered to others while it is suspect.
   * @returns whether it was suspect before.
   */
  setSuspect(feed: FeedName, suspect: boolean): boolean {
    const before = this.#suspect.has(feed);
    if (suspect) this.#suspect.add(feed);
    else this.#suspect.delete(feed);
    return before;
  }

  /** Notes that the upstream was heard and had nothing newer; `ageMs` as in `inStepMs`. */
  touch(feed: FeedName, ageMs: number | null | undefined, nowMs: number): void {
    const { applied_ms: lastMs } = this.#feeds.feed(feed);
    const appliedMs = inStepMs(lastMs, ageMs, nowMs);
    if (appliedMs === null) return;
    const moved = lastMs === null || Math.abs(appliedMs - lastMs) >= touchEveryMs;
    if (moved) this.#feeds.touch(feed, appliedMs);
  }

  /** How long ago it was last known to be in step with the source of truth; null: it never was. */
  ageMs(feed: FeedName, nowMs: number): number | null {
    return ageOf(this.#feeds.feed(feed).applied_ms, nowMs);
  }

  // -- what it holds -----------------------------------------------------------------------------

  /**
   * Another number after each change of the feed's rows: what was read before may be kept until
   * then.
   */
  version(feed: FeedName): number {
    return this.#versions.get(feed) ?? 0;
  }

  #changed(feed: FeedName): void {
    this.#versions.set(feed, this.version(feed) + 1);
  }

  get(feed: FeedName, table: string, key: string): HashedRecord | undefined {
    return this.#rows.get(this.#feeds.feed(feed).generation, table, key);
  }

  /** All rows of a table, by key. */
  all(feed: FeedName, table: string): HashedRecord[] {
    return this.#rows.ofTable(this.#feeds.feed(feed).generation, table);
  }

  markAt(feed: FeedName, seq: number): string | null {
    return this.#feeds.markAt(feed, seq);
  }

  changes(feed: FeedName, after: number, upTo: number, limit: number): HashedRecord[] {
    // Most polls find nothing new.
    if (after >= upTo) return [];
    return this.#rows.changes(this.#feeds.feed(feed).generation, after, upTo, limit);
  }

  page(feed: FeedName, after: string, limit: number): HashedRecord[] {
    return this.#rows.page(this.#feeds.feed(feed).generation, after, limit);
  }

  groupDigests(feed: FeedName): Map<string, Digest> {
    return this.#rows.groupDigests(this.#feeds.feed(feed).generation);
  }

  range(feed: FeedName, group: string, from: string, to: string): HashedRecord[] {
    return this.#rows.range(this.#feeds.feed(feed).generation, group, from, to);
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
    /** The source's own age, as in `inStepMs`. */
    ageMs?: number | null;
    nowMs: number;
  }): void {
    const { feed, epoch, next, mark, ageMs, nowMs } = input;
    this.#changed(feed);
    this.#journal.transaction(() => {
      const row = this.#feeds.feed(feed);
      const before = { count: row.row_count, sum: row.row_sum };
      const { digest, newestSeq } = this.#rows.put(row.generation, input.records, before, nowMs);
      this.#feeds.setFeed({
        ...row,
        epoch,
        cursor: next,
        mark,
        floor: Math.max(row.floor, input.floor ?? 0),
        newest_seq: Math.max(row.newest_seq, newestSeq),
        row_count: digest.count,
        row_sum: digest.sum,
        applied_ms: inStepMs(row.applied_ms, ageMs, nowMs),
      });
      if (mark !== null) this.#feeds.addMark(feed, next, mark);
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
    this.#changed(feed);
    return this.#journal.transaction(() => {
      if (input.after === '') this.#feeds.startBuild(feed, { epoch, head, mark, floor });
      const build = this.#feeds.build(feed);
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
      if (nextAfter === null) this.#feeds.swap(feed, grown);
      else this.#feeds.setBuild(feed, grown);
      return nextAfter === null;
    });
  }

  /** Forgets a snapshot that is being fetched. */
  dropBuild(feed: FeedName): void {
    this.#feeds.dropBuild(feed);
  }

  /** Replaces a group's rows in [from, to) by `records`. @returns how many rows changed. */
  replaceRange(range: ReplacedRange): number {
    this.#changed(range.feed);
    return this.#care.replaceRange(range);
  }

  /**
   * Recomputes the hashes of up to `limit` rows after `place` from their bytes, and where one was
   * damaged, its group's digest, so that comparing with the source finds it.
   * @returns where to go on ("" after the last row) and how much was found damaged.
   */
  scrub(feed: FeedName, place: string, limit: number): { place: string; damaged: number } {
    const found = this.#care.scrub(feed, place, limit);
    if (found.damaged > 0) this.setSuspect(feed, true);
    return found;
  }

  /**
   * Counts a group's rows anew, because somebody finds that they do not fit their sums.
   * @returns true when they do not: the replica is damaged.
   */
  recount(feed: FeedName, group: string): boolean {
    const damaged = this.#care.recountGroup(feed, group);
    if (damaged) this.setSuspect(feed, true);
    return damaged;
  }

  /**
   * Forgets tombstones older than `beforeMs`, raising the floor, and up to `limit` rows of
   * generations that nothing serves any more. @returns true when there is more to forget.
   */
  compact(beforeMs: number, limit: number): boolean {
    return this.#care.compact(beforeMs, limit);
  }
}
