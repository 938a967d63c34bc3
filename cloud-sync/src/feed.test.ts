import { bookingOperations, catalogueOperations, type FeedName } from '@foyer/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { TheatreFeedStore } from './adapters/store/feed-store.ts';
import { changeOf, rowOf } from './domain/feed-rows.ts';
import type { BookingSource } from './domain/ports.ts';
import { addDigests, digestOf, emptyDigest, type HashedRecord } from './engine/index.ts';
import { write } from './services/context.ts';
import { importFrom } from './services/import.ts';
import { seedBookings } from './services/seed-bookings.ts';
import {
  buy,
  call,
  gateNode,
  putHouse,
  request,
  startCloud,
  theatreNode,
  theatreNo,
  type TestCloud,
} from './testing/cloud.ts';
import { databaseKinds, startDatabases, testRandom, type TestDatabases } from './testing/databases.ts';

describe.each(databaseKinds)('feeds on %s', (kind) => {
  let databases: TestDatabases;
  let it: TestCloud;
  let feeds: TheatreFeedStore;
  beforeAll(async () => {
    databases = await startDatabases(kind);
  });
  afterAll(() => databases.stop());
  beforeEach(async () => {
    it = await startCloud({ database: await databases.make() });
    feeds = new TheatreFeedStore(it.store, theatreNo, testRandom());
    await putHouse(it);
  });
  afterEach(() => it.close());

  async function metaOf(feed: FeedName) {
    const meta = await feeds.meta(feed);
    if (meta === null) throw new Error('no feed');
    return meta;
  }
  const all = (feed: FeedName) => feeds.changes(feed, 0, 1_000_000, 100_000);
  const rows = (records: readonly HashedRecord[], table: string) =>
    records.filter((record) => record.table === table && record.enc !== null);

  /** Everything that a feed promises of itself, checked from outside. */
  async function checkFeed(feed: FeedName): Promise<void> {
    const meta = await metaOf(feed);
    const records = await all(feed);
    expect(meta.digest).toEqual(digestOf(records));
    const groups = [...(await feeds.groupDigests(feed)).values()];
    expect(groups.reduce(addDigests, emptyDigest)).toEqual(meta.digest);
    expect(records.at(-1)?.seq).toBe(meta.head);
    expect(await feeds.markAt(feed, meta.head)).toBe(meta.mark);
  }

  test('every write of the catalogue and of bookings is in its feed', async () => {
    const sold = await buy(it.cloud, ['A1', 'A2']);
    const house = await all('house');
    for (const table of ['theatre', 'auditorium', 'film', 'show', 'node', 'key', 'config-epoch']) {
      expect(rows(house, table).length, table).toBeGreaterThan(0);
    }
    expect(rows(await all('secrets'), 'show-key')).toHaveLength(2);
    const tickets = rows(await all('tickets'), 'ticket');
    expect(tickets.map((row) => row.key).sort()).toEqual(
      sold.tickets.map((ticket) => ticket.ticketId).sort(),
    );
    const first = tickets[0];
    const row = rowOf('ticket', first?.columns ?? [], first?.enc ?? '');
    expect(row).toMatchObject({ bookingRef: sold.bookingRef, showNo: 1, status: 'valid' });
    await checkFeed('house');
    await checkFeed('tickets');
    await checkFeed('secrets');
  });

  test('only the newest version of a row is kept, under a new number', async () => {
    const sold = await buy(it.cloud, ['A1']);
    const before = await metaOf('tickets');
    const params = { bookingId: sold.bookingId };
    await call(it.cloud, bookingOperations.cancel, { params, body: {} });
    const tickets = await all('tickets');
    expect(tickets).toHaveLength(1);
    expect(tickets[0]?.seq).toBe(before.head + 1);
    expect(tickets[0]?.enc).toContain('"refunded"');
    expect((await metaOf('tickets')).mark).not.toBe(before.mark);
    await checkFeed('tickets');
  });

  test('a hold is nobody elses business: it is not in the feed', async () => {
    const before = await metaOf('house');
    const body = { theatreNo, showNo: 1, seats: ['A1'] };
    await request(it.cloud, bookingOperations.hold, { body });
    expect(await feeds.meta('tickets')).toBeNull();
    expect(await metaOf('house')).toEqual(before);
  });

  test('a changed list of voters makes a config epoch, an unchanged one does not', async () => {
    const put = (nodes: object[]) =>
      call(it.cloud, catalogueOperations.putNodes, { params: { theatreNo }, body: { nodes } });
    const gates = ['gate-1', 'gate-2'].map(gateNode);
    expect(await put([theatreNode, ...gates])).toMatchObject({ configEpoch: 1 });
    const three = await put([theatreNode, ...gates, gateNode('gate-3')]);
    expect(three).toEqual({ configEpoch: 2, admissionNodes: ['gate-1', 'gate-2', 'gate-3'] });
    await put([theatreNode, ...gates]);
    const gone = (await all('house')).find((row) => row.key === 'gate-3');
    expect(gone?.enc).toBeNull();
    await checkFeed('house');
  });

  test('numbers are gap-free and heads never cover an open commit, under concurrent writers', async () => {
    const seats = Array.from({ length: 20 }, (_, at) => `A${at + 1}`);
    let watching = true;
    const watch = (async () => {
      let cursor = 0;
      while (watching) {
        // SQLite answers at once: without a pause nobody else would get a turn.
        await new Promise((resolve) => setImmediate(resolve));
        const meta = await feeds.meta('tickets');
        if (meta === null) continue;
        const fresh = await feeds.changes('tickets', cursor, meta.head, 1000);
        const expected = Array.from({ length: meta.head - cursor }, (_, at) => cursor + 1 + at);
        expect(fresh.map((row) => row.seq)).toEqual(expected);
        cursor = meta.head;
      }
      return cursor;
    })();
    try {
      await Promise.all(seats.map((seat) => buy(it.cloud, [seat])));
      await Promise.all(seats.map((seat) => buy(it.cloud, [seat.replace('A', 'B')])));
    } finally {
      watching = false;
    }
    expect(await watch).toBeLessThanOrEqual(40);
    expect((await metaOf('tickets')).head).toBe(40);
    await checkFeed('tickets');
  });

  test('a write that fails leaves no trace in the feed', async () => {
    const before = await metaOf('house');
    const film = { filmId: 'f2', title: 'x', runtimeMin: 1, rating: '', minAge: 0 };
    const failing = write(it.cloud.context, theatreNo, async (tx, nowMs) => {
      const changes = [changeOf('film', film)];
      await it.cloud.context.feeds.append(tx, theatreNo, changes, nowMs);
      throw new Error('the disk is gone');
    });
    await expect(failing).rejects.toThrow('the disk is gone');
    expect(await metaOf('house')).toEqual(before);
    await checkFeed('house');
  });

  test('tombstones are forgotten after 30 days and raise the floor', async () => {
    const body = { nodes: [theatreNode, gateNode('gate-1')] };
    await call(it.cloud, catalogueOperations.putNodes, { params: { theatreNo }, body });
    it.clock.jumpWall(29 * 86_400_000);
    await it.cloud.compact();
    expect((await metaOf('house')).floor).toBe(0);
    it.clock.jumpWall(2 * 86_400_000);
    await it.cloud.compact();
    const records = await all('house');
    expect(records.every((row) => row.enc !== null)).toBe(true);
    expect((await metaOf('house')).floor).toBeGreaterThan(0);
    await checkFeed('house');
  });

  test('pages and ranges walk rows in the order of table and key', async () => {
    await seedBookings(it.cloud.context, theatreNo, [
      { showNo: 2, seats: ['A1', 'A2', 'A3'], priceMinor: 1, currency: 'EUR' },
      { showNo: 1, seats: ['B1', 'B2'], priceMinor: 1, currency: 'EUR', group: true },
    ]);
    const places: string[] = [];
    for (let after = ''; ; ) {
      const page = await feeds.page('house', after, 3);
      for (const row of page) places.push(`${row.table} ${row.key}`);
      const last = page.at(-1);
      if (last === undefined) break;
      after = `${last.table}/${last.key}`;
    }
    expect(places).toEqual(places.toSorted());
    expect(new Set(places).size).toBe(places.length);
    expect(await feeds.range('tickets', '2', '', '')).toHaveLength(3);
    expect(await feeds.range('tickets', '1', '', '')).toHaveLength(1);
    await checkFeed('tickets');
  });

  test('a booking system of the operators own fills the same feeds, once', async () => {
    const film = { filmId: 'x1', title: 'Elsewhere', runtimeMin: 90, rating: '', minAge: 0 };
    const answers = [
      { changes: [{ theatreNo, table: 'film' as const, row: film }], position: '1', more: true },
      { changes: [{ theatreNo, table: 'film' as const, gone: 'f1' }], position: '2', more: false },
    ];
    const asked: (string | null)[] = [];
    const source: BookingSource = {
      name: 'elsewhere',
      changes: (position) => {
        asked.push(position);
        const next = answers[Number(position ?? '0')];
        return Promise.resolve(next ?? { changes: [], position: position ?? '', more: false });
      },
    };
    expect(await importFrom(it.cloud.context, source)).toBe(2);
    expect(await importFrom(it.cloud.context, source)).toBe(0);
    expect(asked).toEqual([null, '1', '2']);
    expect(rows(await all('house'), 'film').map((row) => row.key)).toEqual(['x1']);
    await checkFeed('house');
  });
});
