import { bookingOperations } from '@foyer/contracts';
import { SimRandom } from '@foyer/platform/sim';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { claimSeats, type ClaimStrategy } from './adapters/store/claims.ts';
import type { HoldOptions } from './services/hold.ts';
import { holdSeats } from './services/hold.ts';
import { putHouse, request, startCloud, theatreNo, type TestCloud } from './testing/cloud.ts';
import { databaseKinds, startDatabases, type TestDatabases } from './testing/databases.ts';

/** Statuses of so many buyers who want one seat at the same moment, counted. */
async function buyers(it: TestCloud, count: number): Promise<Map<number, number>> {
  const body = { theatreNo, showNo: 1, seats: ['A1'] };
  const answers = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await request(it.cloud, bookingOperations.hold, { body });
      await response.arrayBuffer();
      return response.status;
    }),
  );
  const counts = new Map<number, number>();
  for (const status of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** Looks first and writes then, with nothing between two who look at once. */
const lookThenTake: ClaimStrategy = async (tx, claim, _nowMs) => {
  const { showNo, seats, bookingId, expiresAtMs } = claim;
  const taken = await tx
    .selectFrom('seat_claim')
    .select('seat')
    .where('show_no', '=', showNo)
    .where('seat', 'in', seats)
    .execute();
  if (taken.length > 0) return [];
  const rows = seats.map((seat) => ({
    theatre_no: claim.theatreNo,
    show_no: showNo,
    seat,
    booking_id: bookingId,
    expires_at_ms: expiresAtMs,
  }));
  await tx.insertInto('seat_claim').values(rows).execute();
  return seats;
};

/** Claims as the store does, but one statement a seat, in the order that it is given. */
const oneByOne: ClaimStrategy = async (tx, claim, nowMs) => {
  const got: string[] = [];
  for (const seat of claim.seats) {
    got.push(...(await claimSeats(tx, { ...claim, seats: [seat] }, nowMs)));
  }
  return got;
};

/** Four seats of a row of ten: any two requests are likely to overlap, in any order. */
function fourSeats(random: SimRandom): string[] {
  const seats = Array.from({ length: 10 }, (_, at) => `A${at + 1}`);
  return Array.from({ length: 4 }, () => seats.splice(random.int(seats.length), 1)[0] ?? '');
}

interface ClaimRun {
  won: number;
  lost: number;
  deadlocks: number;
}

/** Overlapping claims by 12 connections; each hold is over at once, so that seats change hands. */
async function overlappingClaims(it: TestCloud, count: number, options: HoldOptions) {
  const random = new SimRandom(42);
  const run: ClaimRun = { won: 0, lost: 0, deadlocks: 0 };
  let left = count;
  const buyer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      it.clock.advance(100_000);
      const seats = fourSeats(random);
      const wanted = {
        theatreNo,
        showNo: 1,
        seats,
        ticketClass: 'adult',
        group: true,
        rotating: false,
      };
      await holdSeats(it.cloud.context, wanted, null, options).then(
        () => {
          run.won += 1;
        },
        (error: unknown) => {
          if (!(error instanceof Error && 'code' in error)) throw error;
          if (error.code !== 'seat-taken' && error.code !== '40P01') throw error;
          run.lost += 1;
        },
      );
    }
  };
  await Promise.all(Array.from({ length: 12 }, buyer));
  run.deadlocks = it.store.retries;
  return run;
}

describe.each(databaseKinds)('races on %s', (kind) => {
  let databases: TestDatabases;
  let it: TestCloud | undefined;
  beforeAll(async () => {
    databases = await startDatabases(kind);
  });
  afterAll(() => databases.stop());
  afterEach(async () => {
    await it?.close();
    it = undefined;
  });

  async function start(hold?: HoldOptions, fresh = false): Promise<TestCloud> {
    const database = await databases.make(fresh);
    it = await startCloud(hold === undefined ? { database } : { database, hold });
    await putHouse(it);
    return it;
  }

  test('of 200 buyers for one seat exactly one gets it', async () => {
    const cloud = await start();
    const counts = await buyers(cloud, 200);
    expect(Object.fromEntries(counts)).toEqual({ 201: 1, 409: 199 });
  });

  if (kind === 'sqlite') return;

  test('control: without the unique claim the same seat is sold more than once', async () => {
    const cloud = await start({ claim: lookThenTake }, true);
    await sql`ALTER TABLE seat_claim DROP CONSTRAINT seat_claim_pkey`.execute(cloud.store.db);
    const counts = await buyers(cloud, 200);
    expect(counts.get(201)).toBeGreaterThan(1);
  });

  test('3,000 overlapping claims of 4 seats never deadlock', async () => {
    const cloud = await start();
    const run = await overlappingClaims(cloud, 3000, {});
    expect(run.won + run.lost).toBe(3000);
    expect(run.won).toBeGreaterThan(20);
    expect(run.deadlocks).toBe(0);
    const seats = await sql<{ count: number }>`
      SELECT count(*) AS count FROM seat_claim GROUP BY seat`.execute(cloud.store.db);
    expect(seats.rows.every((row) => row.count === 1)).toBe(true);
  });

  test('control: claims in the order of the request do deadlock', async () => {
    const cloud = await start();
    const order = (seats: readonly string[]) => seats;
    const run = await overlappingClaims(cloud, 30, { order, claim: oneByOne });
    expect(run.deadlocks).toBeGreaterThan(0);
  });
});
