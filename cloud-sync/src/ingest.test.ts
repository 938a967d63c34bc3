import { bookingOperations, type Ack, type EventBody, type Push } from '@foyer/contracts';
import { SimRandom } from '@foyer/platform/sim';
import { describe, expect, test } from 'vitest';

import { buy, call, theatreNo, type TestCloud } from './testing/cloud.ts';
import { databaseKinds, testRandom } from './testing/databases.ts';
import { Outbox } from './testing/outbox.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

const random = testRandom();

function admission(
  ticketId: string,
  gate = 'gate-1',
  n = 0,
): Extract<EventBody, { kind: 'admission' }> {
  const right = { ticketId, n };
  const scanId = random.uuid();
  return {
    kind: 'admission',
    right,
    showNo: 1,
    scanId,
    gate,
    atMs: 1_767_225_600_000 + random.int(1000),
    flags: [],
    votes: ['gate-1', 'gate-2'],
    configEpoch: 1,
  };
}

endSharedDatabases();

const ticket = (n: number) => `0007${n.toString(16).padStart(12, '0')}`;

function ingestOf(suite: { readonly it: TestCloud }) {
  return {
    take: (push: Push): Promise<Ack> => suite.it.cloud.ingest.take(theatreNo, push),
    summary: () => call(suite.it.cloud, bookingOperations.summary, { params: { theatreNo } }),
  };
}

describe.each(databaseKinds)('ingest, exactly once, on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary } = ingestOf(suite);

  test('an admission is shown by its booking, and an undo marks it', async () => {
    const sold = await buy(suite.it.cloud, ['A1']);
    const ticketId = sold.tickets[0]?.ticketId ?? '';
    const outbox = new Outbox('gate-1');
    const event = admission(ticketId);
    const eventId = outbox.add(event);
    const ack = await take(outbox.push());
    expect(ack).toMatchObject({ lastSeq: 1, durableSeq: 1, forked: false, rejects: [] });
    const read = () =>
      call(suite.it.cloud, bookingOperations.booking, { params: { bookingId: sold.bookingId } });
    expect((await read()).tickets[0]?.admissions).toEqual([
      { eventId, gate: 'gate-1', atMs: event.atMs, n: 0, flags: [], reversed: false },
    ]);
    const { right, scanId, gate, atMs } = event;
    outbox.add({ kind: 'reversal', right, cause: 'undo', scanId, gate, atMs });
    await take(outbox.push(1));
    expect((await read()).tickets[0]?.admissions[0]?.reversed).toBe(true);
    expect(await summary()).toMatchObject({ admissions: 1, reversals: 1, doubles: 0 });
  });

  test('pushes that are doubled, cut up and reordered take effect exactly once', async () => {
    const outbox = new Outbox('gate-1');
    for (let n = 1; n <= 200; n += 1) outbox.add(admission(ticket(n)));
    const chaos = new SimRandom(7);
    for (let lastSeq = 0, tries = 0; lastSeq < 200; tries += 1) {
      expect(tries).toBeLessThan(2000);
      const since = Math.max(0, lastSeq - 20 + chaos.int(30));
      const push = outbox.push(Math.min(since, 200), Math.min(200, since + 1 + chaos.int(40)));
      const copies = chaos.chance(0.5) ? [push, push] : [push];
      const acks = await Promise.all(copies.map(take));
      lastSeq = Math.max(lastSeq, ...acks.map((ack) => ack.lastSeq));
      expect(acks.every((ack) => !ack.forked)).toBe(true);
    }
    const told = await summary();
    expect(told).toMatchObject({ admissions: 200, doubles: 0, deadLetters: 0 });
    expect(told.lanes).toMatchObject([{ node: 'gate-1', lane: 'ledger', lastSeq: 200 }]);
  });

  test('the same event by two ways and incarnations counts once', async () => {
    const first = new Outbox('gate-1');
    const event = admission(ticket(1));
    const eventId = first.add(event);
    const second = new Outbox('gate-1');
    second.incarnation = 'b'.repeat(16);
    second.add(event, eventId);
    await Promise.all([take(first.push()), take(second.push())]);
    expect(await summary()).toMatchObject({ admissions: 1 });
  });
});

describe.each(databaseKinds)('what ingest refuses on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary } = ingestOf(suite);

  test('a gap is answered with where to go on, and takes no effect', async () => {
    const outbox = new Outbox('gate-1');
    for (let n = 1; n <= 3; n += 1) outbox.add(admission(ticket(n)));
    expect(await take(outbox.push(1))).toMatchObject({ lastSeq: 0, forked: false });
    expect(await summary()).toMatchObject({ admissions: 0 });
    expect(await take(outbox.push(0, 0))).toMatchObject({ lastSeq: 0 });
  });

  test('a cloned disk is told apart by its chain', async () => {
    const outbox = new Outbox('gate-1');
    outbox.add(admission(ticket(1)));
    await take(outbox.push());
    const clone = new Outbox('gate-1');
    clone.add(admission(ticket(2)));
    clone.add(admission(ticket(3)));
    expect(await take(clone.push())).toMatchObject({ forked: true, lastSeq: 1 });
    expect(await take(clone.push(1))).toMatchObject({ forked: true, lastSeq: 1 });
    expect(await summary()).toMatchObject({ admissions: 1 });
  });

  test('an event that can never be taken is rejected for good and blocks nothing', async () => {
    const outbox = new Outbox('gate-1');
    outbox.add('{"kind":"nonsense"}');
    outbox.add(admission('000800000000000a'));
    outbox.add({ kind: 'alarm', code: 'clock-jumped', detail: '', gate: 'gate-1', atMs: 1 });
    outbox.add(admission(ticket(1)));
    const ack = await take(outbox.push());
    expect(ack.lastSeq).toBe(4);
    expect(ack.rejects.map((reject) => [reject.seq, reject.code])).toEqual([
      [1, 'unparsable'],
      [2, 'wrong-theatre'],
      [3, 'wrong-lane'],
    ]);
    // The acknowledgement was lost: the sender asks again and is told the same.
    expect((await take(outbox.push())).rejects).toEqual(ack.rejects);
    expect(await summary()).toMatchObject({ admissions: 1, deadLetters: 3 });
  });
});

describe.each(databaseKinds)('what ingest takes from nobody but its own on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary } = ingestOf(suite);

  test('nobody reports for another gate', async () => {
    const thief = new Outbox('gate-9');
    thief.add(admission(ticket(2), 'gate-1'));
    thief.add(admission(ticket(3), 'gate-9'));
    const ack = await take(thief.push());
    expect(ack.rejects.map(({ seq, code }) => [seq, code])).toEqual([[1, 'foreign-gate']]);
    expect(ack.lastSeq).toBe(2);
    expect(await summary()).toMatchObject({ admissions: 1, deadLetters: 1 });
    const text = await (await fetch(`${suite.it.cloud.url}/metrics`)).text();
    expect(text).toContain('foyer_cloud_rejected_events_total{code="foreign-gate"} 1');
  });

  test("who takes the id of another gate's event, early or late, suppresses nothing", async () => {
    const honest = new Outbox('gate-1');
    const thief = new Outbox('gate-9');
    const told = honest.add(admission(ticket(1)));
    await take(honest.push());
    thief.add(admission(ticket(2), 'gate-9'), told);
    await take(thief.push());
    const early = thief.add(admission(ticket(3), 'gate-9'));
    await take(thief.push(1));
    honest.add(admission(ticket(4)), early);
    for (let times = 0; times < 2; times += 1) {
      expect((await take(honest.push())).rejects).toEqual([]);
      await take({ ...honest.push(), incarnation: 'b'.repeat(16) });
    }
    expect(await summary()).toMatchObject({ admissions: 4, doubles: 0, deadLetters: 2 });
  });
});

describe.each(databaseKinds)('reports on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary } = ingestOf(suite);

  test('reports of a double grow by union, one for each entry right', async () => {
    const right = { ticketId: ticket(1), n: 0 };
    const seen = ['gate-1', 'gate-2', 'gate-3'].map((gate, at) => {
      return { eventId: random.uuid(), gate, atMs: 1000 + at, flags: [] };
    });
    const [a, b, c] = seen;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const one = new Outbox('gate-1', 'telemetry');
    one.add({ kind: 'double-report', right, admissions: [a, b] });
    const two = new Outbox('gate-2', 'telemetry');
    two.add({ kind: 'double-report', right, admissions: [c, b] });
    await Promise.all([take(one.push()), take(two.push())]);
    const { doubles } = await call(suite.it.cloud, bookingOperations.doubles, {
      params: { theatreNo },
    });
    expect(doubles).toEqual([{ ticketId: ticket(1), n: 0, admissions: seen }]);
    expect(await summary()).toMatchObject({ reportedDoubles: 2 });
  });

  test('denials and alarms are counted; admissions come by page, each once', async () => {
    const telemetry = new Outbox('gate-1', 'telemetry');
    const base = { gate: 'gate-1', atMs: 1 };
    telemetry.add({
      kind: 'denial',
      scanId: random.uuid(),
      colour: 'red',
      reason: 'forged',
      ...base,
    });
    telemetry.add({ kind: 'alarm', code: 'replica-repaired', detail: '2 rows', ...base });
    await take(telemetry.push());
    const outbox = new Outbox('gate-1');
    for (let n = 1; n <= 25; n += 1) outbox.add(admission(ticket(n % 5)));
    await take(outbox.push());
    expect(await summary()).toMatchObject({ denials: 1, admissions: 25, doubles: 20 });
    const seen = new Set<string>();
    let pages = 0;
    for (let after: string | null = ''; after !== null; pages += 1) {
      const query = { limit: 10, ...(after === '' ? {} : { after }) };
      const options = { params: { theatreNo }, query };
      const page: { admissions: { eventId: string }[]; nextAfter: string | null } = await call(
        suite.it.cloud,
        bookingOperations.admissions,
        options,
      );
      for (const row of page.admissions) seen.add(row.eventId);
      after = page.nextAfter;
    }
    expect([seen.size, pages]).toEqual([25, 3]);
  });
});
