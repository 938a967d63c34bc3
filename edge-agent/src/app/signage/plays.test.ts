import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { EventBody, Play } from '@foyer/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { houseRows, screenOf, signageRows } from '../testing/house.ts';
import { endedPlay, reportOf, startOf } from '../testing/screens.ts';
import { SimTheatre } from '../testing/sim-theatre.ts';

const nodes = ['theatre', 'gate-1', 'screen-1', 'screen-2'];
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const textOf = (seal: { node: string; seq: number; hash: string }) =>
  Buffer.from(`${seal.node}/${seal.seq}/${seal.hash}`);

let theatre: SimTheatre;

beforeEach(async () => {
  theatre = new SimTheatre();
  theatre.cloud.put(houseRows(nodes, theatre.clock.nowMs()));
  theatre.cloud.put(signageRows(['screen-1', 'screen-2']));
  for (const node of nodes) await start(node);
  await theatre.pass(3000);
});

afterEach(() => theatre.close());

const start = (node: string) =>
  theatre.start(node, (chain) => ({
    signature: sign(null, textOf(chain), privateKey).toString('base64'),
    certificate: 'QUJD',
  }));
const take = (plays: Play[], node = 'screen-1') => theatre.api(node).signage.takePlays(plays);
const now = () => theatre.clock.nowMs();
const plays = (node = 'screen-1') => theatre.events(node).filter(({ kind }) => kind === 'play');
const seals = (events: readonly EventBody[]) =>
  events.flatMap((event) => (event.kind === 'play-seal' ? [event] : []));

async function restart(node: string): Promise<void> {
  await theatre.stop(node);
  await start(node);
  await theatre.pass(3000);
}

test('a play is one event however often its start and its end are told', async () => {
  const play = startOf(now());
  expect(take([play])).toEqual({ kept: 1, known: 0, refused: 0 });
  expect(take([play, play])).toEqual({ kept: 0, known: 2, refused: 0 });
  await restart('screen-1');
  expect(take([play])).toEqual({ kept: 0, known: 1, refused: 0 });
  expect(take([endedPlay(play)])).toEqual({ kept: 1, known: 0, refused: 0 });
  expect(take([endedPlay(play), play])).toEqual({ kept: 0, known: 2, refused: 0 });
  expect(plays()).toMatchObject([{ ...endedPlay(play), kind: 'play', gate: 'screen-1' }]);
  expect(theatre.disk('screen-1').read('SELECT * FROM signage_play')).toEqual([]);
});

test('start and end told together are one play', () => {
  const play = startOf(now());
  expect(take([play, endedPlay(play)])).toEqual({ kept: 1, known: 1, refused: 0 });
  expect(plays()).toHaveLength(1);
});

test('plays reach the cloud once, also those made while the theatre agent was dead', async () => {
  await theatre.stop('theatre');
  for (let n = 0; n < 20; n += 1) take([endedPlay(startOf(now()))]);
  for (let n = 0; n < 20; n += 1) take([endedPlay(startOf(now(), 'lobby-2'))], 'screen-2');
  await restart('screen-2');
  expect(theatre.cloud.of('play')).toEqual([]);
  await start('theatre');
  expect(await theatre.until(() => theatre.cloud.of('play').length === 40, 30_000)).toBe(true);
  await theatre.pass(5000);
  expect([...theatre.cloud.applied.values()].every((times) => times === 1)).toBe(true);
});

/** Minutes go by, most of them at once. */
async function later(minutes: number): Promise<void> {
  theatre.clock.jumpWall((minutes - 1) * 60_000);
  await theatre.pass(60_000);
}

test('a start without an end is cut in an hour, or ten minutes after the next one', async () => {
  const lost = startOf(now());
  take([lost]);
  await restart('screen-1');
  await later(9);
  const next = startOf(now());
  take([next]);
  await later(9);
  expect(plays()).toEqual([]);
  await later(2);
  expect(plays()).toMatchObject([{ playId: lost.playId, outcome: 'cut', endedAtMs: null }]);
  await later(60);
  expect(plays()).toMatchObject([{}, { playId: next.playId, outcome: 'cut', endedAtMs: null }]);
  expect(take([next])).toEqual({ kept: 0, known: 1, refused: 0 });
  // The page had it in its memory after all.
  expect(take([endedPlay(next)])).toEqual({ kept: 1, known: 0, refused: 0 });
  await theatre.pass(3000);
  const told = theatre.cloud.of('play').filter(({ playId }) => playId === next.playId);
  expect(told.map(({ outcome }) => outcome)).toEqual(['cut', 'complete']);
});

test('more open plays than the bound are cut, not lost', () => {
  for (let n = 0; n < 11; n += 1) take(Array.from({ length: 100 }, () => startOf(now())));
  expect(plays()).toHaveLength(100);
  expect(theatre.disk('screen-1').read('SELECT * FROM signage_play')).toHaveLength(1000);
});

test('plays of screens of other boxes are refused, and do not hold up others', async () => {
  const foreign = endedPlay(startOf(now(), 'lobby-2'));
  expect(() => take([foreign])).toThrow('no screen of this box');
  expect(take([foreign, endedPlay(startOf(now()))])).toEqual({ kept: 1, known: 0, refused: 1 });
  // A screen that was given to another box has plays to tell of its time here.
  theatre.api('screen-1').signage.report('lobby-1', reportOf('lobby-1', now()));
  theatre.cloud.put([['screen', { ...screenOf('screen-2'), screenId: 'lobby-1' }]]);
  await theatre.pass(3000);
  expect(take([endedPlay(startOf(now()))]).kept).toBe(1);
});

test('with a full disk nothing is taken, and everything when it is sent again', () => {
  const batch = [startOf(now()), endedPlay(startOf(now()))];
  theatre.disk('screen-1').setFull(true);
  expect(() => take(batch)).toThrow(/disk/i);
  theatre.disk('screen-1').setFull(false);
  expect(take(batch)).toEqual({ kept: 2, known: 0, refused: 0 });
});

/** The chain of a box as the cloud can check it: each seal against the event before it. */
function checkSeals(): number {
  const rows = theatre
    .disk('screen-1')
    .read<{ seq: number; hash: string; body: string }>(
      `SELECT seq, hash, e.body FROM outbox_event e JOIN outbox_lane l ON l.id = e.lane_id
       WHERE l.lane = 'bulk' AND l.node = 'screen-1' ORDER BY seq`,
    )
    .map((row) => ({ ...row, event: JSON.parse(row.body) as EventBody }));
  let sealed = 0;
  for (const [index, { seq, event }] of rows.entries()) {
    if (event.kind !== 'play-seal') continue;
    const before = rows[index - 1];
    expect(event).toMatchObject({ seq: seq - 1, hash: before?.hash });
    const signature = Buffer.from(event.signature, 'base64');
    expect(verify(null, textOf({ node: 'screen-1', ...event }), publicKey, signature)).toBe(true);
    sealed += event.plays;
  }
  return sealed;
}

test('each minute with plays is sealed, and each hundred plays, a quiet one is not', async () => {
  take([endedPlay(startOf(now()))]);
  await restart('screen-1');
  await theatre.pass(60_000);
  expect(seals(theatre.events('screen-1'))).toHaveLength(1);
  await theatre.pass(60_000);
  expect(seals(theatre.events('screen-1'))).toHaveLength(1);
  const many = Array.from({ length: 120 }, () => endedPlay(startOf(now())));
  take(many.slice(0, 99));
  expect(seals(theatre.events('screen-1'))).toHaveLength(1);
  take(many.slice(99, 100));
  expect(seals(theatre.events('screen-1'))).toHaveLength(2);
  take(many.slice(100));
  await theatre.pass(60_000);
  expect(checkSeals()).toBe(121);
});

test('a disk that was restored seals its plays again, under their new numbers', async () => {
  take([endedPlay(startOf(now()))]);
  await theatre.pass(65_000);
  await theatre.stop('screen-1');
  const backup = theatre.disk('screen-1').clone();
  try {
    await start('screen-1');
    await theatre.pass(3000);
    take([endedPlay(startOf(now()))]);
    await theatre.pass(65_000);
    await theatre.stop('screen-1');
    theatre.disk('screen-1').restore(backup);
    await start('screen-1');
    await theatre.pass(68_000);
    const bulk = theatre.disk('screen-1').read<{ lane: number; body: string }>(
      `SELECT e.lane_id AS lane, e.body FROM outbox_event e JOIN outbox_lane l ON l.id = e.lane_id
       WHERE l.lane = 'bulk' AND l.node = 'screen-1' ORDER BY e.lane_id DESC, e.seq`,
    );
    const renumbered = bulk.filter(({ lane }) => lane === bulk[0]?.lane);
    const kinds = renumbered.map(({ body }) => (JSON.parse(body) as EventBody).kind);
    expect(kinds).toEqual(['play', 'play-seal', 'play-seal']);
    expect(theatre.cloud.of('play')).toHaveLength(2);
  } finally {
    backup.destroy();
  }
});

test('a fault that a report names is told once, with its rung', async () => {
  const fault = { code: 'media-corrupt', object: 'ab'.repeat(32), atMs: now() };
  const report = { ...reportOf('lobby-1', now()), faults: [{ ...fault, rung: 'skip' as const }] };
  const { signage } = theatre.api('screen-1');
  signage.report('lobby-1', report);
  signage.report('lobby-1', report);
  await restart('screen-1');
  const later = { ...fault, atMs: now() };
  const odd = { code: 'page-silent', object: 'https://127.0.0.1/lobby-1', atMs: now() };
  const unknown = { code: 'too-warm', object: '', atMs: now() };
  theatre
    .api('screen-1')
    .signage.report('lobby-1', { ...report, faults: [...report.faults, later, odd, unknown] });
  const told = theatre.events('screen-1').filter(({ kind }) => kind === 'screen-fault');
  expect(told).toMatchObject([
    { code: 'media-corrupt', object: fault.object, rung: 'skip', atMs: fault.atMs },
    { code: 'media-corrupt', rung: 'none', atMs: later.atMs },
    { code: 'page-silent', object: '', rung: 'none' },
  ]);
});

test('what a screen says of itself is known at every node, from its own box only', async () => {
  const { signage } = theatre.api('screen-1');
  const report = { ...reportOf('lobby-1', now()), blankMs: 7 };
  const picture = { picture: Buffer.alloc(2600, 1).toString('base64'), atMs: now() };
  signage.report('lobby-1', report);
  signage.picture('lobby-1', picture);
  expect(() => signage.report('lobby-2', reportOf('lobby-2', now()))).toThrow('no screen of this');
  expect(() => signage.report('lobby-1', reportOf('lobby-2', now()))).toThrow('lobby-2');
  await theatre.pass(300);
  const [first, second] = theatre.api('gate-1').signage.screens();
  expect(first).toMatchObject({ screenId: 'lobby-1', nodeId: 'screen-1', report, picture });
  expect(first?.reportAgeMs).toBeLessThan(300);
  expect(second).toMatchObject({ screenId: 'lobby-2', report: null, reportAgeMs: null });
});

test('a box holds the house, and neither tickets nor show keys', () => {
  const { feeds } = theatre.api('screen-1').status();
  expect(feeds.filter(({ rows }) => rows > 0).map(({ feed }) => feed)).toEqual(['house']);
});
