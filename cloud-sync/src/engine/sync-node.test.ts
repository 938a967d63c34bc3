import type { Message } from '@foyer/contracts';
import { ioTCoreBehaviour, type Weather } from '@foyer/platform/sim';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

import { encodeFrame } from './index.ts';
import { ticketRow, World, type WorldOptions } from './testing/world.ts';

let world: World | null = null;
afterEach(() => {
  world?.end();
  world = null;
});

function begin(options: WorldOptions): World {
  world?.end();
  world = new World(options);
  return world;
}

/** Admissions that took effect in the cloud: those that were made, and nothing else. */
function ledgerEffects(at: World): number {
  return [...at.appended].filter((id) => at.cloud.effects.has(id)).length;
}

const storm: Weather = {
  minDelayMs: 1,
  maxDelayMs: 80,
  loss: 0.1,
  duplication: 0.1,
  reorder: true,
};

describe('in fair weather', () => {
  test('tickets sold in the cloud reach theatre and gates, with equal digests', async () => {
    const at = begin({ seed: 1, gates: 2 });
    await at.sell(1000);
    expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000)).toBe(true);
    await at.sell(3);
    expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 50)).toBe(true);
  });

  test('an admission counts in the cloud once, and its gate knows it to be durable', async () => {
    const at = begin({ seed: 2, gates: 2 });
    await at.clock.advanceAsync(1000);
    for (let n = 0; n < 20; n += 1) at.admit(n % 2 === 0 ? 'gate-1' : 'gate-2');
    expect(await at.clock.runUntilAsync(() => at.settled(), 2000)).toBe(true);
    expect(ledgerEffects(at)).toBe(20);
    expect(at.agent('gate-1').applied).toHaveLength(10);
  });

  test('a node that rests sends nothing but its polls', async () => {
    const at = begin({ seed: 3, gates: 1 });
    await at.sell(10);
    await at.clock.advanceAsync(60_000);
    const before = at.wan.counts.sent;
    await at.clock.advanceAsync(300_000);
    // Three feeds polled twice a minute, and each lane asked about once a minute, both ways.
    expect(at.wan.counts.sent - before).toBeLessThan(100);
  });
});

test('gates of a theatre that is without the cloud know how old their data is', async () => {
  const at = begin({ seed: 4, gates: 2 });
  await at.sell(10);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  const agesMs = (): (number | null)[] =>
    ['theatre', 'gate-1', 'gate-2'].map((name) =>
      at.agent(name).node.replica.ageMs('tickets', at.clock.nowMs()),
    );
  at.wan.setCut('cloud', '1/theatre', true);
  const outageMs = 30 * 60_000;
  await at.clock.advanceAsync(outageMs);
  // A gate that begins meanwhile knows no better than whom it learnt from.
  at.kill('gate-2');
  at.start('gate-2', 'gate');
  await at.clock.advanceAsync(10_000);
  for (const ageMs of agesMs()) {
    expect(ageMs).toBeGreaterThan(outageMs);
    expect(ageMs).toBeLessThan(outageMs + 60_000);
  }
  at.wan.mend();
  const young = (): boolean => agesMs().every((ageMs) => ageMs !== null && ageMs < 20_000);
  expect(await at.clock.runUntilAsync(young, 120_000)).toBe(true);
}, 60_000);

test('with loss, doubles and disorder all rows arrive and each event counts once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
      const at = begin({ seed, gates: 2, weather: storm });
      for (let round = 0; round < 8; round += 1) {
        await at.sell(1 + at.random.int(300), 1 + at.random.int(3));
        for (let n = at.random.int(30); n > 0; n -= 1) at.admit(`gate-${1 + at.random.int(2)}`);
        if (at.random.chance(0.3)) at.wan.setCut('cloud', '1/theatre', true);
        if (at.random.chance(0.3)) at.lan.setCut('gate-1', 'theatre', true);
        if (at.random.chance(0.2)) {
          at.kill('gate-2');
          at.start('gate-2', 'gate');
        }
        await at.clock.advanceAsync(at.random.int(3000));
        at.wan.mend();
        at.lan.mend();
      }
      const done = (): boolean => at.agrees('tickets') && at.settled();
      expect(await at.clock.runUntilAsync(done, 300_000)).toBe(true);
      expect(at.agent('theatre').node.status().deadLetters).toBe(0);
    }),
    { numRuns: 3 },
  );
}, 120_000);

test("under IoT Core's limits a first sync and a backlog get through whole", async () => {
  const at = begin({ seed: 5, gates: 1, wan: ioTCoreBehaviour, weather: { ...storm, loss: 0 } });
  at.wan.setCut('cloud', '1/theatre', true);
  for (let n = 0; n < 600; n += 1) at.admit('gate-1');
  await at.sell(6000);
  await at.clock.advanceAsync(5000);
  at.wan.mend();
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets') && at.settled(), 60_000)).toBe(
    true,
  );
  expect(at.wan.counts.discarded).toBeLessThan(0.02 * at.wan.counts.sent);
}, 60_000);

describe('snapshots', () => {
  async function behindTheFloor(seed: number): Promise<World> {
    const at = begin({ seed, gates: 1 });
    await at.sell(2500);
    await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
    at.wan.setCut('cloud', '1/theatre', true);
    const rows = [...(at.cloud.source.feeds.get('tickets')?.rows.values() ?? [])];
    at.cloud.source.commit(
      'tickets',
      rows.slice(0, 50).map(({ key }) => ({ table: 'ticket' as const, row: key })),
    );
    at.cloud.source.compact('tickets');
    return at;
  }

  test('a cursor below the floor gets a snapshot and misses no row written meanwhile', async () => {
    const at = await behindTheFloor(6);
    at.wan.mend();
    for (let n = 0; n < 10; n += 1) {
      await at.clock.advanceAsync(5);
      await at.sell(5);
    }
    expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 20_000)).toBe(true);
    expect(at.agent('gate-1').node.replica.position('tickets').digest.count).toBe(2500);
  });

  test('the old generation serves until the new one is whole; a restart goes on', async () => {
    const at = await behindTheFloor(7);
    const theatre = (): World['agents'] extends Map<string, infer A> ? A : never =>
      at.agent('theatre');
    const before = theatre().node.replica.position('tickets');
    at.wan.mend();
    const fetching = (): boolean => (theatre().node.replica.build('tickets')?.after ?? '') !== '';
    expect(await at.clock.runUntilAsync(fetching, 20_000)).toBe(true);
    expect(theatre().node.replica.position('tickets').digest).toEqual(before.digest);
    const build = theatre().node.replica.build('tickets');
    at.kill('theatre');
    at.start('theatre', 'theatre');
    expect(theatre().node.replica.build('tickets')).toEqual(build);
    expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 20_000)).toBe(true);
    expect(theatre().node.replica.build('tickets')).toBeNull();
  });
});

test('a restored cloud begins an epoch, gets admissions again; replicas follow', async () => {
  const at = begin({ seed: 8, gates: 2 });
  await at.sell(500);
  at.admit('gate-1');
  await at.clock.runUntilAsync(() => at.agrees('tickets') && at.settled(), 10_000);
  const restore = at.cloud.backup();
  await at.sell(40);
  for (let n = 0; n < 10; n += 1) at.admit('gate-2');
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets') && at.settled(), 10_000)).toBe(
    true,
  );
  restore();
  expect(at.settled()).toBe(false);
  await at.sell(7);
  const done = (): boolean => at.agrees('tickets') && at.settled();
  expect(await at.clock.runUntilAsync(done, 200_000)).toBe(true);
  expect(at.agent('gate-1').node.replica.position('tickets').digest.count).toBe(507);
  const alarms = at
    .agent('gate-1')
    .node.events.lanes()
    .filter((l) => l.lane === 'telemetry');
  expect(alarms.length).toBeGreaterThan(0);
});

test('gates tell a restored cloud what it forgot through a theatre agent that is new', async () => {
  const at = begin({ seed: 8, gates: 2 });
  await at.sell(50);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  const restore = at.cloud.backup();
  await at.sell(40);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  at.kill('theatre');
  at.agent('theatre').disk.replace();
  restore();
  at.start('theatre', 'theatre');
  await at.sell(7);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 60_000)).toBe(true);
  expect(at.agent('gate-1').node.replica.position('tickets').digest.count).toBe(57);
});

describe('repair', () => {
  function damage(at: World, name: string, sql: string): void {
    at.agent(name).journal.prepare(sql).run();
  }

  const damages = {
    'changed bytes': `UPDATE sync_row SET enc = replace(enc, 'valid', 'blocked')
      WHERE key IN (SELECT key FROM sync_row WHERE tbl = 'ticket' LIMIT 3)`,
    'a row that vanished': `DELETE FROM sync_row
      WHERE key IN (SELECT key FROM sync_row WHERE tbl = 'ticket' LIMIT 1)`,
    'a row in another group': `UPDATE sync_row SET grp = '77'
      WHERE key IN (SELECT key FROM sync_row WHERE tbl = 'ticket' LIMIT 1)`,
  };

  test.each(Object.entries(damages))('%s: the replica mends itself and says so', async (_, sql) => {
    const at = begin({ seed: 9, gates: 1 });
    await at.sell(1500, 1);
    await at.sell(100, 2);
    await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
    const rows = (): unknown[] =>
      at.agent('theatre').node.replica.changes('tickets', 0, 9999, 9999);
    const before = rows();
    damage(at, 'theatre', sql);
    expect(rows()).not.toEqual(before);
    const repaired = (): boolean => at.logger.of('replica-repaired').length > 0;
    expect(await at.clock.runUntilAsync(repaired, 300_000)).toBe(true);
    await at.clock.advanceAsync(10_000);
    expect(rows()).toEqual(before);
    expect(at.agrees('tickets')).toBe(true);
    const alarms = at
      .agent('theatre')
      .node.events.lanes()
      .filter((l) => l.lane === 'telemetry');
    expect(alarms[0]?.lastSeq).toBe(1);
    // Only what differed was fetched: far less than the rows themselves.
    expect(at.logger.of('replica-repaired')[0]?.fields.rows).toBeLessThanOrEqual(3);
  });
});

test('what was copied from a damaged replica is mended with it', async () => {
  const at = begin({ seed: 9, gates: 1 });
  await at.sell(100, 1);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  const hole =
    "DELETE FROM sync_row WHERE key IN (SELECT min(key) FROM sync_row WHERE tbl = 'ticket')";
  at.lan.setCut('theatre', 'gate-1', true);
  at.wan.setCut('cloud', '1/theatre', true);
  at.agent('theatre').journal.prepare(hole).run();
  at.kill('gate-1');
  at.agent('gate-1').disk.replace();
  at.start('gate-1', 'gate');
  at.lan.setCut('theatre', 'gate-1', false);
  // The gate finds that what it was given is not what the sums say, and the theatre agent hears it.
  const found = (): boolean => at.logger.of('replica-damaged').length > 0;
  expect(await at.clock.runUntilAsync(found, 5000)).toBe(true);
  expect(at.agrees('tickets')).toBe(false);
  at.wan.setCut('cloud', '1/theatre', false);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 5000)).toBe(true);
  // Each tells of its repair once, and nobody of one that changed nothing.
  expect(at.logger.of('replica-repaired').map(({ fields }) => fields.rows)).toEqual([1, 1]);
});

test('gates keep the tickets that a theatre agent on its first sync has yet to get', async () => {
  const at = begin({ seed: 17, gates: 2, wan: ioTCoreBehaviour });
  const commit = (rows: readonly object[]): void =>
    at.cloud.source.commit(
      'tickets',
      rows.map((row) => ({ table: 'ticket', row })),
    );
  const sold = Array.from({ length: 30 }, () => ticketRow(at.random, 1));
  commit(sold);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  at.kill('theatre');
  at.agent('theatre').disk.replace();
  await at.sell(20_000);
  // Blocked last of all, they are the end of what a new replica gets.
  const last = sold.slice(0, 3);
  commit(last.map((row) => ({ ...row, status: 'blocked' })));
  const head = at.cloud.source.feeds.get('tickets')?.head ?? 0;
  const cursor = (name: string): number => at.agent(name).node.replica.position('tickets').cursor;
  const partly = (name: string): boolean => cursor(name) > 30 && cursor(name) < head;
  at.start('theatre', 'theatre');
  expect(await at.clock.runUntilAsync(() => partly('theatre'), 10_000)).toBe(true);
  at.wan.setCut('cloud', '1/theatre', true);
  expect(await at.clock.runUntilAsync(() => partly('gate-1') && partly('gate-2'), 10_000)).toBe(
    true,
  );
  await at.clock.advanceAsync(60_000);
  const held = last.map(({ ticketId }) =>
    at.agent('gate-1').node.replica.get('tickets', 'ticket', String(ticketId)),
  );
  expect(held).not.toContain(undefined);
  at.wan.mend();
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 60_000)).toBe(true);
  expect(at.logger.of('replica-differs')).toEqual([]);
}, 60_000);

test('a gate hears that its theatre is in step again, not at its next poll only', async () => {
  const at = begin({ seed: 14, gates: 1 });
  await at.sell(10);
  await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000);
  at.wan.setCut('cloud', '1/theatre', true);
  await at.clock.advanceAsync(3_600_000);
  const ageMs = (name: string): number =>
    at.agent(name).node.replica.ageMs('tickets', at.clock.nowMs()) ?? Infinity;
  expect(ageMs('gate-1')).toBeGreaterThan(3_000_000);
  at.wan.setCut('cloud', '1/theatre', false);
  await at.clock.runUntilAsync(() => ageMs('theatre') < 60_000, 60_000);
  await at.clock.advanceAsync(200);
  expect(ageMs('gate-1')).toBeLessThan(60_000);
});

test("a dead gate's last admissions reach the cloud through a peer", async () => {
  const at = begin({ seed: 12, gates: 2 });
  await at.clock.advanceAsync(1000);
  at.lan.setCut('gate-1', 'theatre', true);
  at.admit('gate-1');
  const heard = (): boolean => at.agent('gate-2').applied.length === 1;
  expect(await at.clock.runUntilAsync(heard, 5000)).toBe(true);
  at.kill('gate-1');
  at.agents.delete('gate-1');
  expect(await at.clock.runUntilAsync(() => at.settled(), 20_000)).toBe(true);
});

test('an event that the cloud refuses is kept as a dead letter and blocks nothing', async () => {
  const at = begin({ seed: 13, gates: 1 });
  let refused = '';
  at.cloud.judge = (eventId) => (eventId === refused ? 'The ticket is not known.' : null);
  refused = at.admit('gate-1');
  at.appended.delete(refused);
  for (let n = 0; n < 5; n += 1) at.admit('gate-1');
  expect(await at.clock.runUntilAsync(() => at.settled(), 10_000)).toBe(true);
  expect(at.cloud.effects.has(refused)).toBe(false);
  const letters = (): number[] =>
    ['theatre', 'gate-1'].map((name) => at.agent(name).node.status().deadLetters);
  expect(await at.clock.runUntilAsync(() => letters().every((n) => n === 1), 10_000)).toBe(true);
  await at.clock.advanceAsync(120_000);
  expect(letters()).toEqual([1, 1]);
});

test('unreadable payloads are counted and kept, cut to a bound; nothing stops', async () => {
  const at = begin({ seed: 14, gates: 1 });
  const stranger = at.lan.join('stranger');
  stranger.send('gate-1', Buffer.from('not a frame'));
  stranger.send('gate-1', Buffer.alloc(500_000, 7));
  await at.sell(10);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000)).toBe(true);
  const { node, journal } = at.agent('gate-1');
  expect(node.status().links[0]?.unreadable).toBe(2);
  const kept = journal
    .prepare<{ size: number; kept: number }>(
      'SELECT size_bytes AS size, length(payload) AS kept FROM dead_letter ORDER BY id',
    )
    .all();
  expect(kept).toEqual([
    { size: 11, kept: 11 },
    { size: 500_000, kept: 4096 },
  ]);
});

test('a screen gets neither tickets nor show keys', async () => {
  const at = begin({ seed: 15, gates: 1 });
  await at.sell(5);
  await at.clock.advanceAsync(1000);
  const asking = at.lan.join('screen-1');
  const pull = { type: 'pull', epoch: null, since: 0, mark: null, credits: 8 } as const;
  const rest = { maxBytes: 100_000, accept: ['json'], snapshot: null } as const;
  const hello = { type: 'hello', node: 'screen-1', role: 'screen', boot: 1, oldest: 1, newest: 1 };
  asking.send('gate-1', encodeFrame({ ...hello, wallMs: 1 } as Message));
  for (const feed of ['tickets', 'secrets'] as const) {
    asking.send('gate-1', encodeFrame({ ...pull, ...rest, accept: [...rest.accept], feed }));
  }
  await at.clock.advanceAsync(1000);
  expect(at.logger.of('message-refused').length).toBe(2);
});
