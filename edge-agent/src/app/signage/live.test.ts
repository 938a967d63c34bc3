import { randomUUID } from 'node:crypto';
import type { NodeId } from '@foyer/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, houseRows, showNo, signageRows, ticketRow } from '../testing/house.ts';
import { SimTheatre } from '../testing/sim-theatre.ts';

const nodes = ['theatre', 'gate-1', 'gate-2', 'screen-1', 'screen-2'];

let theatre: SimTheatre;

beforeEach(async () => {
  theatre = new SimTheatre();
  theatre.cloud.put(houseRows(nodes, theatre.clock.nowMs()));
  theatre.cloud.put(signageRows(['screen-1', 'screen-2']));
  theatre.cloud.put([1, 2, 3, 4].map(ticketRow));
  await theatre.startAll(nodes);
});

afterEach(() => theatre.close());

async function admit(gate: NodeId, ticket: number): Promise<void> {
  const request = { scanId: randomUUID(), text: codeOf(ticket), peek: false, override: false };
  let colour = '';
  void theatre
    .api(gate)
    .admission?.scan(request)
    .then((verdict) => {
      colour = verdict.colour;
    });
  expect(await theatre.until(() => colour === 'green', 1000)).toBe(true);
}

const admitted = (view: { admitted: Record<string, { count: number }> }) =>
  view.admitted[String(showNo)]?.count;

test('every node has the same programme, whatever its role', () => {
  const views = nodes.map((node) => theatre.api(node).signage.view());
  const hashes = new Set(views.map(({ programme }) => programme?.hash));
  expect(hashes.size).toBe(1);
  const [programme] = views.map((view) => view.programme);
  expect(programme?.screens.map(({ screenId }) => screenId)).toEqual(['lobby-1', 'lobby-2']);
  expect(programme?.shows.map((show) => show.showNo)).toEqual([showNo]);
  expect(programme?.films.map(({ filmId }) => filmId)).toEqual(['f']);
});

test('a guest at a gate is told to the readers of a box within 300 ms', async () => {
  const heard = theatre.follow('screen-1');
  await theatre.pass(2000);
  heard.live.length = 0;
  await admit('gate-1', 1);
  const beganMs = theatre.clock.monotonicMs();
  expect(await theatre.until(() => heard.live.length > 0, 300)).toBe(true);
  expect(theatre.clock.monotonicMs() - beganMs).toBeLessThan(300);
  expect(admitted(heard.live[0]?.view ?? { admitted: {} })).toBe(1);
});

test('what the gates tell counts each guest once', async () => {
  await admit('gate-1', 1);
  await admit('gate-2', 2);
  await theatre.pass(2000);
  const live = theatre.live('screen-2');
  expect(admitted(live)).toBe(2);
  expect(live.sold[String(showNo)]?.count).toBe(4);
  expect(live.gates).toMatchObject([
    { node: 'gate-1', open: true },
    { node: 'gate-2', open: true },
  ]);
});

test('a gate that is dead is closed, and what it counted stays', async () => {
  await admit('gate-1', 1);
  await theatre.pass(1500);
  const heard = theatre.follow('screen-1');
  const beforeMs = theatre.clock.nowMs();
  for (const node of ['gate-1', 'gate-2', 'theatre']) await theatre.stop(node);
  expect(
    await theatre.until(() => heard.live.at(-1)?.view.gates.every(({ open }) => !open) === true),
  ).toBe(true);
  await theatre.pass(5000);
  const live = theatre.live('screen-1');
  expect(admitted(live)).toBe(1);
  expect(live.admitted[String(showNo)]?.atMs).toBeLessThan(beforeMs + 2000);
});

test('readers are told at most ten times a second, and again while nothing changes', async () => {
  const heard = theatre.follow('screen-1');
  await theatre.pass(1000);
  heard.live.length = 0;
  for (let n = 0; n < 200; n += 1) {
    theatre.api('gate-1').signage.queue({ waiting: n });
    await theatre.pass(5);
  }
  expect(heard.live.length).toBeLessThanOrEqual(10);
  await theatre.pass(500);
  expect(theatre.live('screen-1').waiting['gate-1']?.count).toBe(199);
  heard.live.length = 0;
  await theatre.pass(20_000);
  expect(heard.live.length).toBeGreaterThanOrEqual(3);
  expect(heard.live.length).toBeLessThanOrEqual(6);
});

test('a delay reaches every node, survives a restart of who told it, and ends', async () => {
  const { signage } = theatre.api('gate-1');
  expect(() => signage.delay({ showNo: 99, delayMin: 5 })).toThrow('no show 99');
  signage.delay({ showNo, delayMin: 10 });
  await theatre.pass(300);
  expect(theatre.live('screen-2').delays).toMatchObject([{ showNo, delayMin: 10 }]);
  for (const node of nodes) await theatre.stop(node);
  await theatre.startAll(nodes);
  expect(theatre.live('screen-2').delays).toMatchObject([{ showNo, delayMin: 10 }]);
  theatre.api('gate-2').signage.delay({ showNo, delayMin: 0 });
  await theatre.pass(300);
  for (const node of nodes) expect(theatre.live(node).delays).toEqual([]);
});

test('of two delays the one that was told later holds, whatever a clock shows', async () => {
  theatre.api('gate-1').signage.delay({ showNo, delayMin: 10 });
  await theatre.pass(300);
  theatre.clock.jumpWall(-3_600_000);
  theatre.api('screen-1').signage.delay({ showNo, delayMin: 20 });
  await theatre.pass(300);
  for (const node of nodes) expect(theatre.live(node).delays).toMatchObject([{ delayMin: 20 }]);
});

test('a change of the house is told with the new hash', async () => {
  const heard = theatre.follow('screen-1');
  const before = theatre.api('screen-1').signage.view().programme?.hash ?? '';
  await theatre.pass(1500);
  theatre.cloud.put(signageRows(['screen-1']).slice(0, 1));
  await theatre.pass(1500);
  expect(new Set(heard.hashes)).toEqual(new Set([before]));
  theatre.cloud.put([['show', { ...show(), delayMin: 5 }]]);
  expect(await theatre.until(() => heard.hashes.at(-1) !== before, 3000)).toBe(true);
  expect(theatre.api('screen-1').signage.view().programme?.hash).toBe(heard.hashes.at(-1));
  expect(theatre.api('gate-1').signage.view().programme?.hash).toBe(heard.hashes.at(-1));
});

function show() {
  const [known] = theatre.api('screen-1').signage.view().programme?.shows ?? [];
  if (known === undefined) throw new Error('There is no show.');
  return known;
}

test('the shows of a programme move on with the days, the house unchanged', async () => {
  const hash = () => theatre.api('screen-1').signage.view().programme?.hash;
  const before = hash();
  await theatre.pass(60_000);
  expect(hash()).toBe(before);
  theatre.clock.jumpWall(3 * 86_400_000);
  const { programme } = theatre.api('screen-1').signage.view();
  expect(programme?.shows).toEqual([]);
  expect(programme?.hash).not.toBe(before);
});
