import { ioTCoreBehaviour } from '@foyer/platform/sim';
import { afterEach, expect, test } from 'vitest';

import { ticketRow, World } from './testing/world.ts';

let world: World | null = null;
afterEach(() => {
  world?.end();
  world = null;
});

/** A theatre behind nucleus lite, which drops in silence whatever is too large for it. */
function begin(seed: number): World {
  world = new World({ seed, gates: 1, lite: true, wan: ioTCoreBehaviour });
  return world;
}

/** Text that does not compress. */
const noise = (at: World, sizeBytes: number): string =>
  Buffer.from(at.random.bytes(sizeBytes)).toString('base64');

test('a first sync and a backlog of admissions get through', async () => {
  const at = begin(21);
  at.wan.setCut('cloud', '1/theatre', true);
  for (let n = 0; n < 300; n += 1) at.admit('gate-1');
  await at.sell(3000);
  await at.clock.advanceAsync(5000);
  at.wan.mend();
  const done = (): boolean => at.agrees('tickets') && at.settled();
  expect(await at.clock.runUntilAsync(done, 60_000)).toBe(true);
});

test('a row larger than a payload arrives, and what follows it too', async () => {
  const at = begin(22);
  const large = { ...ticketRow(at.random, 1), bookingRef: noise(at, 30_000) };
  await at.sell(5);
  at.cloud.source.commit('tickets', [{ table: 'ticket', row: large }]);
  await at.sell(5);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 60_000)).toBe(true);
  const rows = at.agent('gate-1').node.replica.changes('tickets', 0, 9999, 9999);
  expect(Math.max(...rows.map(({ enc }) => enc?.length ?? 0))).toBeGreaterThan(40_000);
});

test('a replica of many groups is compared and mended', async () => {
  const at = begin(23);
  for (let showNo = 1; showNo <= 700; showNo += 1) {
    at.cloud.source.commit('tickets', [{ table: 'ticket', row: ticketRow(at.random, showNo) }]);
  }
  await at.sell(1, 1);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 30_000)).toBe(true);
  at.agent('theatre')
    .journal.prepare(
      `UPDATE sync_row SET enc = replace(enc, 'valid', 'blocked')
       WHERE key IN (SELECT key FROM sync_row WHERE tbl = 'ticket' LIMIT 3)`,
    )
    .run();
  const repaired = (): boolean => at.logger.of('replica-repaired').length > 0;
  expect(await at.clock.runUntilAsync(repaired, 600_000)).toBe(true);
  expect(at.agrees('tickets')).toBe(true);
}, 60_000);

test('refusals of many events, each with its own reason, all come back', async () => {
  const at = begin(24);
  at.cloud.judge = (eventId) => `${eventId} ${noise(at, 110)}`.slice(0, 200);
  for (let n = 0; n < 120; n += 1) at.appended.delete(at.admit('gate-1'));
  const letters = (): number => at.agent('theatre').node.status().deadLetters;
  expect(await at.clock.runUntilAsync(() => letters() === 120, 60_000)).toBe(true);
});
