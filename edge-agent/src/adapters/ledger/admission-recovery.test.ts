import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '@foyer/contracts';
import { SimClock, SimRandom } from '@foyer/platform/sim';
import { openJournal } from '@foyer/platform/node';
import { afterEach, expect, it } from 'vitest';
import { Bus } from './testing/bus.ts';
import { checkGreens, checkReports } from './testing/checks.ts';
import { codeOf, newHouse, showNo, testStartMs, ticketIdOf } from './testing/house.ts';
import { TestNode, type Parcel, type Shown } from './testing/node.ts';
import { TestTheatre } from './testing/theatre.ts';
import { ledgerMigrations, openLedger, startBoot } from './index.ts';

let theatre: TestTheatre | null = null;

afterEach(() => {
  theatre?.close();
  theatre = null;
});

async function open(gates: number, seed = 1): Promise<TestTheatre> {
  theatre = new TestTheatre({ gates, seed });
  await theatre.open();
  return theatre;
}

function scanAt(at: TestTheatre, gates: readonly number[], ticketId: string) {
  return at.all(gates.map((gate) => at.gate(gate).scan({ text: codeOf(ticketId) })));
}

const plain = (verdicts: readonly (Verdict | null)[]): number =>
  verdicts.filter((verdict) => verdict?.colour === 'green' && !isDegraded(verdict)).length;
const isDegraded = (verdict: Verdict | null | undefined): boolean =>
  verdict?.flags.includes('degraded') ?? false;

it('shows the same verdict for the same scan after a restart from the same file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-ledger-'));
  const clock = new SimClock(testStartMs);
  const random = new SimRandom(3);
  const shown: Shown[] = [];
  const world = { clock, random, bus: new Bus<Parcel>(clock, random), peers: [], shown };
  const node = new TestNode('gate-1', newHouse(['gate-1']), world, join(folder, 'gate.db'));
  try {
    await clock.advanceAsync(2000);
    const request = { text: codeOf(ticketIdOf(1)), scanId: random.uuid() };
    const first = await node.scan(request);
    expect(first).toMatchObject({ colour: 'green', flags: ['unknown-ticket'] });
    node.crash();
    node.start();
    expect(await node.scan(request)).toEqual(first);
    expect((await node.scan({ text: request.text }))?.reason).toBe('already-admitted');
  } finally {
    node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('shows no second green when it died between the commit and the answer', async () => {
  const at = await open(3);
  for (let serial = 1; serial <= 8; serial += 1) {
    at.gate(1).journal.dieAfterCommits = 1;
    const [unseen] = await scanAt(at, [1], ticketIdOf(serial));
    expect(unseen).toBeNull();
    at.gate(1).start();
    await at.settle(200);
    const [again] = await scanAt(at, [1], ticketIdOf(serial));
    expect(again?.reason).toBe('already-admitted');
  }
});

it('leaves nothing behind when it dies before any statement of an admission', async () => {
  for (let writes = 0; writes < 12; writes += 1) {
    const at = await open(2, writes + 1);
    at.gate(1).journal.dieAfterWrites = writes;
    const [verdict] = await scanAt(at, [1], ticketIdOf(1));
    if (!at.gate(1).up) at.gate(1).start();
    await at.settle(500);
    const kept = at.gate(1).events('ledger').length;
    expect(kept, `after ${writes} writes`).toBe(verdict === null ? 0 : 1);
    expect(at.gate(1).service.counts().admitted).toBe(kept);
    at.gate(1).journal.dieAfterWrites = null;
    const [again] = await scanAt(at, [1], ticketIdOf(1));
    expect(again?.reason).toBe(verdict === null ? 'admitted' : 'already-admitted');
    at.close();
  }
});

it('gets its votes back from the electors when it restarts', async () => {
  const at = await open(3);
  // Every vote is given and none is told of: the claimant dies with all of them.
  for (const node of at.nodes.slice(1)) at.bus.cutWay(node.id, 'gate-1');
  const scan = at.gate(1).scan({ text: codeOf(ticketIdOf(1)) });
  await at.settle(30);
  at.gate(1).crash();
  await scan;
  at.bus.mend();
  const [held] = await scanAt(at, [2], ticketIdOf(1));
  expect(held?.colour).not.toBe('red');
  at.gate(1).start();
  await at.settle(300);
  const [green] = await scanAt(at, [3], ticketIdOf(1));
  expect(['admitted', 'already-admitted']).toContain(green?.reason);
  expect(checkGreens(at)).toEqual([]);
});

it('votes with a new disk only after it pulled every vote, and keeps to them', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const at = await open(3, seed);
    // Gate 2 admits; gate 3 is never told, and gate 1 forgets.
    at.bus.cutWay('gate-2', 'gate-3');
    expect((await scanAt(at, [2], ticketIdOf(1)))[0]?.colour).toBe('green');
    at.bus.partition(at.ids, [['gate-1', 'gate-3'], ['gate-2']]);
    at.gate(1).replaceDisk();
    at.gate(1).start();
    await at.settle(1500);
    expect(at.gate(1).service.recovering()).toBe(true);
    const cut = await scanAt(at, [1, 3], ticketIdOf(1));
    expect(plain(cut), `seed ${seed}`).toBe(0);
    at.bus.mend();
    await at.settle(2000);
    expect(at.gate(1).service.recovering()).toBe(false);
    expect((await scanAt(at, [3], ticketIdOf(1)))[0]?.reason).toBe('already-admitted');
    expect((await scanAt(at, [3], ticketIdOf(2)))[0]?.reason).toBe('admitted');
    expect([...checkGreens(at), ...checkReports(at)], `seed ${seed}`).toEqual([]);
    at.close();
  }
});

it('votes with a new disk once an operator declared the missing node dead', async () => {
  const at = await open(3);
  at.gate(3).crash();
  at.gate(1).replaceDisk();
  at.gate(1).start();
  await at.settle(1500);
  expect(at.gate(1).service.recovering()).toBe(true);
  const row = at.house.nodes.get('gate-3');
  if (row !== undefined) at.house.nodes.set('gate-3', { ...row, status: 'dead' });
  await at.settle(1500);
  expect(at.gate(1).service.recovering()).toBe(false);
  expect((await scanAt(at, [2], ticketIdOf(1)))[0]?.reason).toBe('admitted');
});

it('does not take a replaced disk for a restart: its old votes stay given', async () => {
  const at = await open(3);
  for (const node of at.nodes.slice(1)) at.bus.cutWay(node.id, 'gate-1');
  const scan = at.gate(1).scan({ text: codeOf(ticketIdOf(1)) });
  await at.settle(30);
  at.gate(1).replaceDisk();
  await scan;
  at.bus.mend();
  at.gate(1).start();
  await at.settle(2000);
  expect(at.nodes.some((node) => node.service.recovering())).toBe(false);
  const votes = at.nodes.slice(1).flatMap((node) => openLedger(node.journal).votesAfter('', 10));
  expect(votes.length).toBeGreaterThan(0);
});

it('pulls more votes than fit in one page', async () => {
  const at = await open(2);
  const ledger = openLedger(at.gate(2).journal);
  ledger.transaction(() => {
    for (let serial = 0; serial < 1203; serial += 1) {
      const right = { ticketId: ticketIdOf(serial + 100), n: 0 };
      const attempt = { node: 'gate-2', boot: 1, n: serial + 1 };
      ledger.putVote({ right, showNo, configEpoch: 1, attempt });
    }
  });
  at.gate(1).replaceDisk();
  at.gate(1).start();
  await at.open();
  expect(openLedger(at.gate(1).journal).votesAfter('', 5000)).toHaveLength(1203);
});

it('refuses the old config epoch for a show that moved on, and votes in the new one', async () => {
  const at = await open(3);
  const moved = newHouse(at.ids);
  const show = moved.shows.get(showNo);
  if (show !== undefined) moved.shows.set(showNo, { ...show, configEpoch: 2 });
  moved.epochs.set(2, { configEpoch: 2, admissionNodes: ['gate-2', 'gate-3', 'gate-1'] });
  // Gate 1 has not heard of it: the others refuse it, and its green is flagged.
  at.gate(2).house = moved;
  at.gate(3).house = moved;
  await at.settle(3000);
  expect(at.gate(2).service.recovering()).toBe(true);
  const [behind] = await scanAt(at, [1], ticketIdOf(1));
  expect(behind).toMatchObject({ reason: 'admitted-degraded' });
  at.gate(1).house = moved;
  await at.settle(3000);
  expect(at.nodes.some((node) => node.service.recovering())).toBe(false);
  const [green] = await scanAt(at, [1], ticketIdOf(2));
  expect(green).toMatchObject({ reason: 'admitted', flags: ['unknown-ticket'] });
});

it('numbers the starts of a copied disk apart from those of its original', () => {
  const random = new SimRandom(1);
  const journal = openJournal({ path: ':memory:', migrations: ledgerMigrations });
  const copy = openJournal({ path: ':memory:', migrations: ledgerMigrations });
  const first = startBoot(journal, random);
  copy.prepare('INSERT INTO ledger_boot VALUES (?)').run(first);
  const second = startBoot(journal, random);
  const copied = startBoot(copy, random);
  expect(second).toBeGreaterThan(first);
  expect(copied).not.toBe(second);
  expect(openLedger(copy).isOwnBoot(first)).toBe(true);
  expect(openLedger(copy).isOwnBoot(second)).toBe(false);
  openLedger(copy).forgetBootsBefore(copied);
  expect(openLedger(copy).isOwnBoot(first)).toBe(false);
  expect(openLedger(copy).isOwnBoot(copied)).toBe(true);
  journal.close();
  copy.close();
});
