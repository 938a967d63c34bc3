import { bookingOperations, catalogueOperations, type FeedName } from '@foyer/contracts';
import { describe, expect, test } from 'vitest';

import { TheatreFeedStore } from './adapters/store/feed-store.ts';
import { changeOf } from './domain/feed-rows.ts';
import type { BookingSource } from './domain/ports.ts';
import { addDigests, digestOf, emptyDigest, rowOf, type HashedRecord } from './engine/index.ts';
import { write } from './services/context.ts';
import { importFrom } from './services/import.ts';
import { seedBookings } from './services/seed-bookings.ts';
import {
  buy,
  call,
  gateNode,
  request,
  theatreNode,
  theatreNo,
  type TestCloud,
} from './testing/cloud.ts';
import { databaseKinds, testRandom } from './testing/databases.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

endSharedDatabases();

const rows = (records: readonly HashedRecord[], table: string) =>
  records.filter((record) => record.table === table && record.enc !== null);

function readerOf(suite: { readonly it: TestCloud }) {
  const random = testRandom();
  const feeds = () => new TheatreFeedStore(suite.it.store, theatreNo, random);
  const all = (feed: FeedName) => feeds().changes(feed, 0, 1_000_000, 100_000);
  async function metaOf(feed: FeedName) {
    const meta = await feeds().meta(feed);
    if (meta === null) throw new Error('no feed');
    return meta;
  }
  /** Everything that a feed promises of itself, checked from outside. */
  async function checkFeed(feed: FeedName): Promise<void> {
    const meta = await metaOf(feed);
    const records = await all(feed);
    expect(meta.digest).toEqual(digestOf(records));
    const groups = [...(await feeds().groupDigests(feed)).values()];
    expect(groups.reduce(addDigests, emptyDigest)).toEqual(meta.digest);
    expect(records.at(-1)?.seq).toBe(meta.head);
    expect(await feeds().markAt(feed, meta.head)).toBe(meta.mark);
  }
  return { feeds, all, metaOf, checkFeed };
}

describe.each(databaseKinds)('what is in the feeds on %s', (kind) => {
  const suite = useCloud(kind);
  const { feeds, all, metaOf, checkFeed } = readerOf(suite);

  test('every write of the catalogue and of bookings is in its feed', async () => {
    const sold = await buy(suite.it.cloud, ['A1', 'A2']);
    const house = await all('house');
    for (const table of ['theatre', 'auditorium', 'film', 'show', 'node', 'key', 'config-epoch']) {
      expect([table, rows(house, table).length > 0]).toEqual([table, true]);
    }
    expect(rows(await all('secrets'), 'show-key')).toHaveLength(2);
    const tickets = rows(await all('tickets'), 'ticket');
    expect(tickets.map((row) => row.key).sort()).toEqual(
      sold.tickets.map((ticket) => ticket.ticketId).sort(),
    );

    expect(rowOf('ticket', tickets[0])).toMatchObject({
      bookingRef: sold.bookingRef,
      showNo: 1,
      status: 'valid',
    });
    await checkFeed('house');
    await checkFeed('tickets');
    await checkFeed('secrets');
  });

  test('only the newest version of a row is kept, under a new number', async () => {
    const sold = await buy(suite.it.cloud, ['A1']);
    const before = await metaOf('tickets');
    const params = { bookingId: sold.bookingId };
    await call(suite.it.cloud, bookingOperations.cancel, { params, body: {} });
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
    await request(suite.it.cloud, bookingOperations.hold, { body });
    expect(await feeds().meta('tickets')).toBeNull();
    expect(await metaOf('house')).toEqual(before);
  });

  test('a changed list of voters makes a config epoch, an unchanged one does not', async () => {
    const put = (nodes: object[]) =>
      call(suite.it.cloud, catalogueOperations.putNodes, {
        params: { theatreNo },
        body: { nodes },
      });
    const gates = ['gate-1', 'gate-2'].map(gateNode);
    expect(await put([theatreNode, ...gates])).toMatchObject({ configEpoch: 1 });
    const three = await put([theatreNode, ...gates, gateNode('gate-3')]);
    expect(three).toEqual({ configEpoch: 2, admissionNodes: ['gate-1', 'gate-2', 'gate-3'] });
    await put([theatreNode, ...gates]);
    const gone = (await all('house')).find((row) => row.key === 'gate-3');
    expect(gone?.enc).toBeNull();
    await checkFeed('house');
  });
});

describe.each(databaseKinds)('feeds under writers and failures on %s', (kind) => {
  const suite = useCloud(kind);
  const { feeds, metaOf, checkFeed } = readerOf(suite);

  test('with concurrent writers numbers have no gap and heads cover no open commit', async () => {
    const seats = Array.from({ length: 20 }, (_, at) => `A${at + 1}`);
    const watching = { on: true };
    const watch = (async () => {
      let cursor = 0;
      while (watching.on) {
        // SQLite answers at once: without a pause nobody else would get a turn.
        await new Promise((resolve) => setImmediate(resolve));
        const meta = await feeds().meta('tickets');
        if (meta === null) continue;
        const fresh = await feeds().changes('tickets', cursor, meta.head, 1000);
        const expected = Array.from({ length: meta.head - cursor }, (_, at) => cursor + 1 + at);
        expect(fresh.map((row) => row.seq)).toEqual(expected);
        cursor = meta.head;
      }
      return cursor;
    })();
    try {
      await Promise.all(seats.map((seat) => buy(suite.it.cloud, [seat])));
      await Promise.all(seats.map((seat) => buy(suite.it.cloud, [seat.replace('A', 'B')])));
    } finally {
      watching.on = false;
    }
    expect(await watch).toBeLessThanOrEqual(40);
    expect((await metaOf('tickets')).head).toBe(40);
    await checkFeed('tickets');
  });

  test('a row that is told again as it was is no change', async () => {
    const before = await metaOf('house');
    const film = {
      filmId: 'f1',
      title: 'Salt & Light',
      runtimeMin: 100,
      rating: 'FSK 6',
      minAge: 6,
    };
    await suite.it.cloud.catalogue.putFilm(theatreNo, 'f1', film);
    expect(await metaOf('house')).toEqual(before);
    await suite.it.cloud.catalogue.putFilm(theatreNo, 'f1', { ...film, title: 'Salt' });
    expect((await metaOf('house')).head).toBe(before.head + 1);
    await checkFeed('house');
  });

  test('a write that fails leaves no trace in the feed', async () => {
    const before = await metaOf('house');
    const film = { filmId: 'f2', title: 'x', runtimeMin: 1, rating: '', minAge: 0 };
    const failing = write(suite.it.cloud.context, theatreNo, async (tx, nowMs) => {
      const changes = [changeOf('film', film)];
      await suite.it.cloud.context.feeds.append(tx, theatreNo, changes, nowMs);
      throw new Error('the disk is gone');
    });
    await expect(failing).rejects.toThrow('the disk is gone');
    expect(await metaOf('house')).toEqual(before);
    await checkFeed('house');
  });
});

describe.each(databaseKinds)('reading feeds on %s', (kind) => {
  const suite = useCloud(kind);
  const { feeds, all, metaOf, checkFeed } = readerOf(suite);

  test('tombstones are forgotten after 30 days and raise the floor', async () => {
    const body = { nodes: [theatreNode, gateNode('gate-1')] };
    await call(suite.it.cloud, catalogueOperations.putNodes, { params: { theatreNo }, body });
    suite.it.clock.jumpWall(29 * 86_400_000);
    await suite.it.cloud.compact();
    expect((await metaOf('house')).floor).toBe(0);
    suite.it.clock.jumpWall(2 * 86_400_000);
    await suite.it.cloud.compact();
    const records = await all('house');
    expect(records.every((row) => row.enc !== null)).toBe(true);
    expect((await metaOf('house')).floor).toBeGreaterThan(0);
    await checkFeed('house');
  });

  test('pages and ranges walk rows in the order of table and key', async () => {
    await seedBookings(suite.it.cloud.context, theatreNo, [
      { showNo: 2, seats: ['A1', 'A2', 'A3'], priceMinor: 1, currency: 'EUR' },
      { showNo: 1, seats: ['B1', 'B2'], priceMinor: 1, currency: 'EUR', group: true },
    ]);
    const places: string[] = [];
    for (let after = ''; ;) {
      const page = await feeds().page('house', after, 3);
      for (const row of page) places.push(`${row.table} ${row.key}`);
      const last = page.at(-1);
      if (last === undefined) break;
      after = `${last.table}/${last.key}`;
    }
    expect(places).toEqual(places.toSorted());
    expect(new Set(places).size).toBe(places.length);
    expect(await feeds().range('tickets', '2', '', '')).toHaveLength(3);
    expect(await feeds().range('tickets', '1', '', '')).toHaveLength(1);
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
    expect(await importFrom(suite.it.cloud.context, source)).toBe(2);
    expect(await importFrom(suite.it.cloud.context, source)).toBe(0);
    expect(asked).toEqual([null, '1', '2']);
    expect(rows(await all('house'), 'film').map((row) => row.key)).toEqual(['x1']);
    await checkFeed('house');
  });
});
