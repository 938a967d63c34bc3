import { randomUUID } from 'node:crypto';
import { encodeFrame } from '@foyer/cloud-sync/engine';
import type { Emergency, Message, NodeId, ScreenReport } from '@foyer/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { houseRows, nodeRow, signageRows } from '../testing/house.ts';
import { reportOf } from '../testing/screens.ts';
import { SimTheatre } from '../testing/sim-theatre.ts';

const nodes = ['theatre', 'gate-1', 'gate-2', 'screen-1', 'screen-2'];

let theatre: SimTheatre;

beforeEach(async () => {
  theatre = new SimTheatre();
  theatre.cloud.put(houseRows(nodes, theatre.clock.nowMs()));
  theatre.cloud.put(signageRows(['screen-1', 'screen-2']));
  await theatre.startAll(nodes);
});

afterEach(() => theatre.close());

const fire = (emergencyId: string = randomUUID(), active = true): Omit<Emergency, 'atMs'> => {
  const by = 'duty-manager';
  return { emergencyId, active, kind: 'evacuate', text: 'Leave now.', screens: [], by };
};
const raise = (node: NodeId, emergency: Omit<Emergency, 'atMs'>) =>
  theatre.api(node).signage.raise(emergency);
const activeAt = (node: NodeId) => theatre.live(node).emergencies.map((one) => one.emergencyId);
const told = (node: NodeId, kind: string) =>
  theatre.events(node).filter((event) => event.kind === kind);

test('raised at one box, it is told to the readers of every node within 100 ms', async () => {
  await theatre.stop('theatre');
  for (const node of ['gate-1', 'gate-2']) theatre.live(node);
  const readers = ['gate-1', 'gate-2', 'screen-1', 'screen-2'].map((node) => theatre.follow(node));
  await theatre.pass(2000);
  const emergency = raise('screen-1', fire());
  const shown = () =>
    readers.every(({ live }) => live.at(-1)?.view.emergencies[0]?.emergencyId !== undefined);
  expect(await theatre.until(shown, 100)).toBe(true);
  expect(activeAt('screen-2')).toEqual([emergency.emergencyId]);
  raise('gate-2', fire(emergency.emergencyId, false));
  const over = () => readers.every(({ live }) => live.at(-1)?.view.emergencies.length === 0);
  expect(await theatre.until(over, 100)).toBe(true);
});

test('where two nodes cannot reach each other the others pass it on', async () => {
  theatre.lan.setCut('screen-1', 'screen-2', true);
  await theatre.pass(1500);
  const { emergencyId } = raise('screen-1', fire());
  await theatre.pass(50);
  expect(activeAt('screen-2')).toEqual([emergencyId]);
});

test('it is raised once however often it is asked for, and told to the cloud once', async () => {
  const wanted = fire();
  const first = raise('gate-1', wanted);
  await theatre.pass(500);
  expect(raise('gate-1', wanted)).toEqual(first);
  expect(raise('gate-2', wanted)).toEqual(first);
  await theatre.pass(3000);
  expect(told('gate-1', 'emergency')).toMatchObject([{ emergency: 'evacuate', active: true }]);
  expect(told('gate-2', 'emergency')).toEqual([]);
  raise('gate-2', { ...wanted, active: false });
  await theatre.pass(3000);
  expect(theatre.cloud.of('emergency').map(({ gate, active }) => [gate, active])).toEqual([
    ['gate-1', true],
    ['gate-2', false],
  ]);
});

test('it survives a restart of every node, also of all but who raised it', async () => {
  const { emergencyId } = raise('screen-1', fire());
  await theatre.pass(100);
  for (const node of nodes) await theatre.stop(node);
  await theatre.startAll(['gate-1', 'screen-2']);
  for (const node of ['gate-1', 'screen-2']) expect(activeAt(node)).toEqual([emergencyId]);
});

test('a node that was off when it ended cannot raise it again', async () => {
  const { emergencyId } = raise('screen-1', fire());
  await theatre.pass(100);
  await theatre.stop('screen-1');
  raise('gate-1', fire(emergencyId, false));
  await theatre.pass(100);
  for (const node of ['gate-1', 'gate-2', 'screen-2']) await theatre.stop(node);
  for (const node of ['gate-1', 'gate-2', 'screen-2', 'screen-1']) await theatre.start(node);
  await theatre.pass(3000);
  for (const node of nodes) expect(activeAt(node)).toEqual([]);
});

test('a node that was off for more than a day raises nothing of before', async () => {
  const { emergencyId } = raise('screen-1', fire());
  await theatre.pass(100);
  for (const node of nodes) await theatre.stop(node);
  theatre.clock.jumpWall(25 * 3_600_000);
  await theatre.start('screen-1');
  await theatre.pass(3000);
  expect(activeAt('screen-1')).toEqual([]);
  expect(raise('screen-1', fire(emergencyId)).active).toBe(true);
});

test('one that goes on for more than a day is still there after a restart', async () => {
  const { emergencyId } = raise('gate-1', fire());
  await theatre.pass(100);
  for (let n = 0; n < 30; n += 1) {
    theatre.clock.jumpWall(3_600_000);
    await theatre.pass(1500);
  }
  for (const node of nodes) await theatre.stop(node);
  await theatre.start('gate-1');
  await theatre.pass(1500);
  expect(activeAt('gate-1')).toEqual([emergencyId]);
});

test('its end counts where the clock that ends it is an hour behind', async () => {
  const raised = raise('gate-1', fire());
  await theatre.pass(100);
  theatre.clock.jumpWall(-3_600_000);
  const ended = raise('screen-2', fire(raised.emergencyId, false));
  expect(ended.atMs).toBeGreaterThan(raised.atMs);
  await theatre.pass(100);
  for (const node of nodes) expect(activeAt(node)).toEqual([]);
});

test('with a full disk people are warned all the same', async () => {
  theatre.disk('gate-1').setFull(true);
  theatre.disk('screen-2').setFull(true);
  const wanted = fire();
  expect(() => raise('gate-1', wanted)).toThrow(/disk/i);
  await theatre.pass(100);
  for (const node of nodes) expect(activeAt(node)).toEqual([wanted.emergencyId]);
  theatre.disk('gate-1').setFull(false);
  theatre.disk('screen-2').setFull(false);
  raise('gate-1', wanted);
  await theatre.pass(3000);
  expect(told('gate-1', 'emergency')).toHaveLength(1);
  for (const node of nodes) await theatre.stop(node);
  await theatre.startAll(['screen-2']);
  expect(activeAt('screen-2')).toEqual([wanted.emergencyId]);
});

const shows = (screenId: string, emergencyId: string | null): ScreenReport => ({
  ...reportOf(screenId, theatre.clock.nowMs()),
  emergencyId,
  mode: emergencyId === null ? 'normal' : 'emergency',
});

test('each screen says once that it shows it, and every node knows which do', async () => {
  const { emergencyId } = raise('gate-1', fire());
  await theatre.pass(100);
  const { signage } = theatre.api('screen-1');
  for (let n = 0; n < 3; n += 1) signage.report('lobby-1', shows('lobby-1', emergencyId));
  await theatre.pass(300);
  const [state] = theatre.api('gate-2').signage.emergencies();
  expect(state?.shownBy.map(({ screenId }) => screenId)).toEqual(['lobby-1']);
  await theatre.stop('screen-1');
  await theatre.start('screen-1');
  await theatre.pass(2000);
  theatre.api('screen-1').signage.report('lobby-1', shows('lobby-1', emergencyId));
  theatre.api('screen-1').signage.report('lobby-1', shows('lobby-1', null));
  expect(told('screen-1', 'emergency-shown')).toMatchObject([
    { emergencyId, screenId: 'lobby-1', shown: true },
    { emergencyId, screenId: 'lobby-1', shown: false },
  ]);
});

/** A live value as a stranger puts it on the wire. */
function forge(node: NodeId, value: unknown, from = node): void {
  const emergencyId = (value as Partial<Emergency> | null)?.emergencyId ?? 'x';
  const topic = `emergency/${emergencyId}`;
  const atMs = theatre.clock.nowMs();
  const state = { type: 'live-state', node, topic, version: atMs, atMs, value };
  theatre.lan.inject(from, 'screen-1', encodeFrame(state as Message));
}

test('a node that is not in the list, or was revoked, raises nothing', async () => {
  forge('gate-7', { ...fire(), atMs: theatre.clock.nowMs() });
  expect(activeAt('screen-1')).toEqual([]);
  theatre.cloud.put([nodeRow('gate-2', 'revoked')]);
  await theatre.pass(2000);
  await theatre.stop('gate-2');
  forge('gate-2', { ...fire(), atMs: theatre.clock.nowMs() });
  expect(activeAt('screen-1')).toEqual([]);
});

test('nobody raises one in the name of a node that answers', () => {
  forge('gate-2', { ...fire(), atMs: theatre.clock.nowMs() }, 'gate-1');
  expect(activeAt('screen-1')).toEqual([]);
});

test('what is malformed, too large or could never be ended is left out', async () => {
  const atMs = theatre.clock.nowMs();
  forge('gate-2', null);
  forge('gate-2', { ...fire(), atMs, text: 'x'.repeat(5000) });
  forge('gate-2', { ...fire(), atMs, kind: 'party' });
  forge('gate-2', { ...fire(), atMs: 8_640_000_000_000_000 });
  expect(activeAt('screen-1')).toEqual([]);
  const late = { ...fire(), atMs: 8_639_000_000_000_000 };
  forge('gate-2', late);
  expect(activeAt('screen-1')).toEqual([late.emergencyId]);
  raise('screen-1', { ...fire(late.emergencyId, false) });
  await theatre.pass(100);
  for (const node of nodes) expect(activeAt(node)).toEqual([]);
});

test('a flood of them stays within its bound, and the gravest are shown', async () => {
  const first = raise('gate-1', fire());
  for (let n = 0; n < 100; n += 1) {
    raise('gate-1', { ...fire(), kind: 'message' });
    await theatre.pass(10);
  }
  await theatre.pass(500);
  expect(theatre.live('screen-1').emergencies).toHaveLength(8);
  const kept = theatre.disk('screen-1').read('SELECT * FROM signage_emergency');
  expect(kept.length).toBeLessThanOrEqual(16);
  const again = raise('gate-1', fire());
  await theatre.pass(100);
  expect(activeAt('screen-1')).toContain(again.emergencyId);
  for (let n = 0; n < 10; n += 1) raise('gate-1', { ...fire(), kind: 'message' });
  await theatre.pass(100);
  expect(activeAt('screen-1')).toContain(again.emergencyId);
  expect(activeAt('screen-1')).toContain(first.emergencyId);
});
