import type { Digest, FeedName } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import { Kept } from './kept.ts';

export interface FeedRow {
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

export interface BuildRow {
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

/** Where each feed stands, the snapshots under way, the marks, the numbers of generations. */
export class ReplicaFeeds {
  readonly #journal: Journal;
  readonly #rows: Kept<FeedRow>;
  readonly #builds: Kept<BuildRow | null>;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#rows = new Kept(journal);
    this.#builds = new Kept(journal);
  }

  feed(feed: FeedName): FeedRow {
    return this.#rows.get(feed, () => this.#readFeed(feed));
  }

  #readFeed(feed: FeedName): FeedRow {
    const find = this.#journal.prepare<FeedRow>('SELECT * FROM sync_feed WHERE feed = ?');
    const row = find.get(feed);
    if (row !== undefined) return row;
    const fresh: FeedRow = {
      feed,
      generation: this.newGeneration(feed),
      epoch: null,
      cursor: 0,
      mark: null,
      floor: 0,
      newest_seq: 0,
      row_count: 0,
      row_sum: 0,
      applied_ms: null,
    };
    this.setFeed(fresh);
    return fresh;
  }

  setFeed(row: FeedRow): void {
    this.#rows.forget();
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

  build(feed: FeedName): BuildRow | undefined {
    const find = this.#journal.prepare<BuildRow>('SELECT * FROM sync_build WHERE feed = ?');
    return this.#builds.get(feed, () => find.get(feed) ?? null) ?? undefined;
  }

  setBuild(feed: FeedName, row: BuildRow): void {
    this.#builds.forget();
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

  startBuild(
    feed: FeedName,
    of: { epoch: string; head: number; mark: string | null; floor: number },
  ): void {
    const generation = this.newGeneration(feed);
    const empty = { newest_seq: 0, row_count: 0, row_sum: 0 };
    this.setBuild(feed, { generation, ...of, after: '', ...empty });
  }

  /** The age of the data stays: the chunk that follows tells how far its source is in step. */
  swap(feed: FeedName, build: BuildRow): void {
    const { generation, epoch, head, mark, floor, newest_seq, row_count, row_sum } = build;
    const counted = { newest_seq, row_count, row_sum };
    this.setFeed({
      feed,
      generation,
      epoch,
      cursor: head,
      mark,
      floor,
      ...counted,
      applied_ms: this.feed(feed).applied_ms,
    });
    this.dropBuild(feed);
    this.#journal.prepare('DELETE FROM sync_mark WHERE feed = ?').run(feed);
    if (mark !== null) this.addMark(feed, head, mark);
  }

  newGeneration(feed: FeedName): number {
    this.#journal.prepare('INSERT INTO sync_generation (feed) VALUES (?)').run(feed);
    return (
      this.#journal
        .prepare<{ newest: number }>('SELECT max(generation) AS newest FROM sync_generation')
        .get()?.newest ?? 1
    );
  }

  addMark(feed: FeedName, seq: number, mark: string): void {
    this.#journal.prepare('INSERT OR REPLACE INTO sync_mark VALUES (?, ?, ?)').run(feed, seq, mark);
    this.#journal
      .prepare('DELETE FROM sync_mark WHERE feed = ? AND seq <= ?')
      .run(feed, seq - keptMarks);
  }

  markAt(feed: FeedName, seq: number): string | null {
    const row = this.#journal
      .prepare<{ mark: string }>('SELECT mark FROM sync_mark WHERE feed = ? AND seq = ?')
      .get(feed, seq);
    return row?.mark ?? null;
  }

  dropBuild(feed: FeedName): void {
    this.#builds.forget();
    this.#journal.prepare('DELETE FROM sync_build WHERE feed = ?').run(feed);
  }

  touch(feed: FeedName, appliedMs: number): void {
    this.#rows.forget();
    this.#journal
      .prepare('UPDATE sync_feed SET applied_ms = ? WHERE feed = ?')
      .run(appliedMs, feed);
  }

  setDigest(feed: FeedName, digest: Digest): void {
    this.#rows.forget();
    this.#journal
      .prepare('UPDATE sync_feed SET row_count = ?, row_sum = ? WHERE feed = ?')
      .run(digest.count, digest.sum, feed);
  }

  raiseFloor(feed: FeedName, floor: number): void {
    this.#rows.forget();
    this.#journal
      .prepare('UPDATE sync_feed SET floor = max(floor, ?) WHERE feed = ?')
      .run(floor, feed);
  }
}
