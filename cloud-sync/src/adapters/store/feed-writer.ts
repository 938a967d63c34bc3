import {
  columnsOf,
  feedTables,
  type Digest,
  type FeedName,
  type FeedTable,
  type TheatreNo,
} from '@foyer/contracts';
import type { Random } from '@foyer/platform';
import { sql } from 'kysely';

import { newestOfEach, type FeedChange } from '../../domain/feed-rows.ts';
import { addHash, removeHash, rowHash } from '../../engine/index.ts';
import { insertBulk, isOneOf } from './bulk.ts';
import { forUpdate, rowsPerStatement, type DatabaseKind, type Store, type Tx } from './database.ts';
import type { FeedRowTable, FeedTable as FeedCounter } from './tables.ts';

/** A feed that a commit changed. */
export interface FeedAddress {
  theatreNo: TheatreNo;
  feed: FeedName;
}

// One order for every transaction: two that change two feeds never wait for each other in a circle.
const feedOrder: readonly FeedName[] = ['house', 'secrets', 'tickets'];

/**
 * Gives changes their numbers, inside the transaction of the write that they report. The counter
 * row is locked last: call it after everything else that the transaction locks.
 */
export class FeedWriter {
  readonly #kind: DatabaseKind;
  readonly #random: Random;
  readonly #columnsIds: ReadonlyMap<string, number>;

  private constructor(kind: DatabaseKind, random: Random, columnsIds: ReadonlyMap<string, number>) {
    this.#kind = kind;
    this.#random = random;
    this.#columnsIds = columnsIds;
  }

  /** A writer for a store; the lists of columns that this version writes are noted there first. */
  static async open(store: Store, random: Random): Promise<FeedWriter> {
    const ids = await store.transaction((tx) => noteColumns(tx, random));
    return new FeedWriter(store.kind, random, ids);
  }

  /** Appends changes to the theatre's feeds. @returns the feeds that have a new head. */
  async append(
    tx: Tx,
    theatreNo: TheatreNo,
    changes: readonly FeedChange[],
    nowMs: number,
  ): Promise<FeedAddress[]> {
    const changed: FeedAddress[] = [];
    for (const feed of feedOrder) {
      const mine = newestOfEach(changes.filter((change) => change.feed === feed));
      if (mine.length === 0) continue;
      const moved = await this.#appendTo(tx, theatreNo, feed, mine, nowMs);
      if (moved) changed.push({ theatreNo, feed });
    }
    return changed;
  }

  async #appendTo(
    tx: Tx,
    theatreNo: TheatreNo,
    feed: FeedName,
    changes: readonly FeedChange[],
    nowMs: number,
  ): Promise<boolean> {
    const counter = await this.#lock(tx, theatreNo, feed);
    let digest: Digest = { count: counter.row_count, sum: counter.row_sum };
    let seq = counter.head;
    for (let at = 0; at < changes.length; at += rowsPerStatement) {
      const batch = changes.slice(at, at + rowsPerStatement);
      const old = await this.#oldHashes(tx, theatreNo, feed, batch);
      const rows: FeedRowTable[] = [];
      for (const change of batch) {
        const before = old.get(`${change.table}/${change.key}`);
        const hash = change.enc === null ? 0 : rowHash(change.table, change.enc);
        // A row that is told again as it was is no change.
        if (before === hash) continue;
        seq += 1;
        if (before !== undefined) digest = removeHash(digest, before);
        if (change.enc !== null) digest = addHash(digest, hash);
        rows.push({
          theatre_no: theatreNo,
          feed,
          tbl: change.table,
          key: change.key,
          grp: change.group,
          seq,
          columns_id: this.#columnsIds.get(change.table) ?? 0,
          enc: change.enc,
          hash,
          gone_ms: change.enc === null ? nowMs : null,
        });
      }
      await insertBulk(tx, this.#kind, 'feed_row', rows, replaceRow);
    }
    if (seq === counter.head) return false;
    await this.#commit(tx, counter, seq, digest);
    return true;
  }

  async #lock(tx: Tx, theatreNo: TheatreNo, feed: FeedName): Promise<FeedCounter> {
    const find = () =>
      tx
        .selectFrom('feed')
        .selectAll()
        .where('theatre_no', '=', theatreNo)
        .where('feed', '=', feed)
        .modifyEnd(forUpdate(this.#kind))
        .executeTakeFirst();
    const known = await find();
    if (known !== undefined) return known;
    const fresh: FeedCounter = {
      theatre_no: theatreNo,
      feed,
      epoch: this.#random.uuid(),
      head: 0,
      mark: null,
      floor: 0,
      row_count: 0,
      row_sum: 0,
    };
    await tx
      .insertInto('feed')
      .values(fresh)
      .onConflict((on) => on.doNothing())
      .execute();
    return (await find()) ?? fresh;
  }

  async #commit(tx: Tx, counter: FeedCounter, head: number, digest: Digest): Promise<void> {
    const { theatre_no, feed } = counter;
    const mark = Buffer.from(this.#random.bytes(8)).toString('hex');
    await tx
      .updateTable('feed')
      .set({ head, mark, row_count: digest.count, row_sum: digest.sum })
      .where('theatre_no', '=', theatre_no)
      .where('feed', '=', feed)
      .execute();
    await tx.insertInto('feed_commit').values({ theatre_no, feed, seq: head, mark }).execute();
  }

  /** Hashes of the rows that stand there now, by `table/key`. */
  async #oldHashes(
    tx: Tx,
    theatreNo: TheatreNo,
    feed: FeedName,
    changes: readonly FeedChange[],
  ): Promise<Map<string, number>> {
    const found = await tx
      .selectFrom('feed_row')
      .select(['tbl', 'key', 'hash'])
      .where('theatre_no', '=', theatreNo)
      .where('feed', '=', feed)
      .where(isOneOf(this.#kind, 'tbl', [...new Set(changes.map((change) => change.table))]))
      .where(isOneOf(this.#kind, 'key', [...new Set(changes.map((change) => change.key))]))
      .where('enc', 'is not', null)
      .execute();
    return new Map(found.map((row) => [`${row.tbl}/${row.key}`, row.hash]));
  }
}

// A row that stands there already is replaced: only its newest version is kept.
const replaceRow = sql`ON CONFLICT (theatre_no, feed, tbl, key) DO UPDATE SET grp = excluded.grp,
  seq = excluded.seq, columns_id = excluded.columns_id, enc = excluded.enc, hash = excluded.hash,
  gone_ms = excluded.gone_ms`;

/** The number of each table's list of columns, by table. */
async function noteColumns(tx: Tx, random: Random): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const table of Object.keys(feedTables) as FeedTable[]) {
    const names = JSON.stringify(columnsOf(table));
    // The number is drawn, not counted: two workers that note a new list at once do not collide.
    const id = Buffer.from(random.bytes(4)).readUInt32BE();
    await tx
      .insertInto('feed_columns')
      .values({ id, names })
      .onConflict((on) => on.column('names').doNothing())
      .execute();
    const known = await tx
      .selectFrom('feed_columns')
      .select('id')
      .where('names', '=', names)
      .executeTakeFirstOrThrow();
    ids.set(table, known.id);
  }
  return ids;
}
