import type { Digest, FeedName, TheatreNo } from '@foyer/contracts';
import type { Random } from '@foyer/platform';
import { sql, type RawBuilder } from 'kysely';

import {
  splitPlace,
  storedRecord,
  type FeedMeta,
  type FeedStore,
  type HashedRecord,
  type StoredRow,
} from '../../engine/index.ts';
import { compileOnce } from './compiled.ts';
import type { Store } from './database.ts';

/** Beyond every key: keys are at most 64 characters of well-formed text. */
const openEnd = '\u{10ffff}';
/** Hashes of 48 bits are summed in halves: the sum of a large group leaves 64 bits. */
const half = 2 ** 24;
const modulus = 2n ** 48n;

/** Lists of columns by their JSON: each version of a table has one. */
const columnNames = new Map<string, readonly string[]>();

const feedRow = compileOnce(2, (db, theatreNo: TheatreNo, feed: FeedName) =>
  db.selectFrom('feed').selectAll().where('theatre_no', '=', theatreNo).where('feed', '=', feed),
);
const commitMark = compileOnce(3, (db, theatreNo: TheatreNo, feed: FeedName, seq: number) =>
  db
    .selectFrom('feed_commit')
    .select('mark')
    .where('theatre_no', '=', theatreNo)
    .where('feed', '=', feed)
    .where('seq', '=', seq),
);

/** One theatre's feeds in the database, as the sync engine reads them. */
export class TheatreFeedStore implements FeedStore {
  readonly #store: Store;
  readonly #theatreNo: TheatreNo;
  readonly #random: Random;

  constructor(store: Store, theatreNo: TheatreNo, random: Random) {
    this.#store = store;
    this.#theatreNo = theatreNo;
    this.#random = random;
  }

  async meta(feed: FeedName): Promise<FeedMeta | null> {
    const [row] = await feedRow(this.#store.db, this.#theatreNo, feed);
    if (row === undefined) return null;
    const { epoch, head, mark, floor, row_count: count, row_sum: sum } = row;
    return { epoch, head, mark, floor, digest: { count, sum }, confirmed: true };
  }

  async markAt(feed: FeedName, seq: number): Promise<string | null> {
    const [row] = await commitMark(this.#store.db, this.#theatreNo, feed, seq);
    return row?.mark ?? null;
  }

  changes(feed: FeedName, after: number, upTo: number, limit: number): Promise<HashedRecord[]> {
    if (after >= upTo) return Promise.resolve([]);
    return this.#records(feed, sql`r.seq > ${after} AND r.seq <= ${upTo}`, sql`r.seq`, limit);
  }

  page(feed: FeedName, after: string, limit: number): Promise<HashedRecord[]> {
    const { table, key } = splitPlace(after);
    const follows = sql`(r.tbl, r.key) > (${table}, ${key})`;
    return this.#records(feed, follows, sql`r.tbl, r.key`, limit);
  }

  range(feed: FeedName, group: string, from: string, to: string): Promise<HashedRecord[]> {
    const first = splitPlace(from);
    const last = to === '' ? { table: openEnd, key: '' } : splitPlace(to);
    const within = sql`r.grp = ${group} AND r.enc IS NOT NULL
      AND (r.tbl, r.key) >= (${first.table}, ${first.key})
      AND (r.tbl, r.key) < (${last.table}, ${last.key})`;
    return this.#records(feed, within, sql`r.tbl, r.key`, null);
  }

  async groupDigests(feed: FeedName): Promise<Map<string, Digest>> {
    const found = await sql<{ grp: string; count: number; high: number; low: number }>`
      SELECT grp, count(*) AS count,
        sum(hash / ${sql.lit(half)}) AS high, sum(hash % ${sql.lit(half)}) AS low
      FROM feed_row
      WHERE theatre_no = ${this.#theatreNo} AND feed = ${feed} AND enc IS NOT NULL
      GROUP BY grp`.execute(this.#store.db);
    return new Map(
      found.rows.map(({ grp, count, high, low }) => {
        const sum = (BigInt(high) * BigInt(half) + BigInt(low)) % modulus;
        return [grp, { count, sum: Number(sum) }];
      }),
    );
  }

  /** The database was restored: what receivers hold from its lost future must be replaced. */
  async newEpoch(feed: FeedName): Promise<FeedMeta> {
    await this.#store.db
      .updateTable('feed')
      .set({ epoch: this.#random.uuid() })
      .where('theatre_no', '=', this.#theatreNo)
      .where('feed', '=', feed)
      .execute();
    const meta = await this.meta(feed);
    if (meta === null) throw new Error(`Theatre ${this.#theatreNo} has no feed ${feed}.`);
    return meta;
  }

  async #records(
    feed: FeedName,
    condition: RawBuilder<unknown>,
    order: RawBuilder<unknown>,
    limit: number | null,
  ): Promise<HashedRecord[]> {
    const found = await sql<StoredRow>`
      SELECT r.tbl, r.key, r.grp, r.seq, c.names, r.enc, r.hash
      FROM feed_row AS r JOIN feed_columns AS c ON c.id = r.columns_id
      WHERE r.theatre_no = ${this.#theatreNo} AND r.feed = ${feed} AND ${condition}
      ORDER BY ${order} ${limit === null ? sql`` : sql`LIMIT ${limit}`}`.execute(this.#store.db);
    return found.rows.map((row) => storedRecord(row, columnNames));
  }
}

/**
 * Forgets tombstones from before `beforeMs` and raises the floor of their feeds: a receiver whose
 * cursor is below it gets a snapshot.
 */
export async function compactFeeds(store: Store, beforeMs: number): Promise<number> {
  return store.transaction(async (tx) => {
    const old = await tx
      .selectFrom('feed_row')
      .select(({ fn }) => ['theatre_no', 'feed', fn.max('seq').as('seq')])
      .where('gone_ms', '<', beforeMs)
      .groupBy(['theatre_no', 'feed'])
      .execute();
    let forgotten = 0;
    for (const { theatre_no, feed, seq } of old) {
      const done = await tx
        .deleteFrom('feed_row')
        .where('theatre_no', '=', theatre_no)
        .where('feed', '=', feed)
        .where('enc', 'is', null)
        .where('seq', '<=', seq)
        .executeTakeFirst();
      forgotten += Number(done.numDeletedRows);
      await tx
        .updateTable('feed')
        .set({ floor: seq })
        .where('theatre_no', '=', theatre_no)
        .where('feed', '=', feed)
        .where('floor', '<', seq)
        .execute();
      await tx
        .deleteFrom('feed_commit')
        .where('theatre_no', '=', theatre_no)
        .where('feed', '=', feed)
        .where('seq', '<', seq)
        .execute();
    }
    return forgotten;
  });
}
