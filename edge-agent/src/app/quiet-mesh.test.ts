import type { Heartbeat, Message } from '@foyer/contracts';
import { SimClock } from '@foyer/platform/sim';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MeshHub } from './mesh-hub.ts';

const quietMs = 2000;
const startedMs = 10_000;
/** Nothing happened for so long that heartbeats come every 10 s. */
const asleepMs = 60_000;
const asleepEveryMs = 10_000;

let clock: SimClock;
let hub: MeshHub;
/** When heartbeats went out, and what they said of the next one. */
let beats: { atMs: number; nextMs: number | undefined }[];
let lanes: Heartbeat['lanes'];
let lost: string[];
let woken: number;

const beat = (nextMs?: number): Message => ({
  type: 'heartbeat',
  boot: 1,
  wallMs: 0,
  recovering: false,
  feeds: [],
  lanes: [],
  configEpochs: [],
  upstream: 'none',
  ...(nextMs === undefined ? {} : { nextMs }),
});

const ask: Message = { type: 'recover-ask', after: '' };

/** The peers tell that they live, so often, as their kind of node does. */
function peersBeat(nodes: readonly string[], everyMs: number, nextMs?: number): void {
  clock.setTimer('peer', everyMs, () => {
    for (const node of nodes) hub.receive(node, beat(nextMs));
    peersBeat(nodes, everyMs, nextMs);
  });
}

function make(): void {
  clock = new SimClock();
  beats = [];
  lanes = [];
  lost = [];
  woken = 0;
  hub = new MeshHub({
    self: { node: 'gate-1', role: 'gate', boot: 1 },
    channel: {
      peers: () => ['gate-2', 'gate-3'],
      send: () => true,
      sendToAll(message) {
        if (message.type !== 'heartbeat') return;
        beats.push({ atMs: clock.monotonicMs(), nextMs: message.nextMs });
      },
    },
    clock,
    mayBe: () => true,
    onRefused: () => {},
    heartbeat: () => ({ recovering: false, feeds: [], lanes, configEpochs: [], upstream: 'none' }),
    onMessage: () => {},
    onPeer: (peer, alive) => {
      if (!alive) lost.push(`${peer} at ${clock.monotonicMs()}`);
    },
    onBeat: () => {},
    onWoken: () => {
      woken += 1;
    },
  });
  hub.start();
}

/** Heartbeats of a stretch of time. */
function beatsWithin(ms: number): number {
  const before = beats.length;
  clock.advance(ms);
  return beats.length - before;
}

beforeEach(make);
afterEach(() => hub.close());

test('in a quiet mesh heartbeats come every 2 s, and say so', () => {
  peersBeat(['gate-2', 'gate-3'], 250, 250);
  expect(beatsWithin(4000)).toBe(16);
  clock.advance(startedMs);
  expect(beatsWithin(16_000)).toBe(8);
  expect(beats.at(-1)?.nextMs).toBe(quietMs);
});

test('when it stays quiet they come every 10 s', () => {
  peersBeat(['gate-2', 'gate-3'], 250, 250);
  clock.advance(asleepMs);
  expect(beatsWithin(60_000)).toBe(6);
  expect(beats.at(-1)?.nextMs).toBe(asleepEveryMs);
  expect(hub.reachable()).toEqual(['gate-2', 'gate-3']);
});

test('a guest at the gate ends the quiet, and its end is told once', () => {
  peersBeat(['gate-2', 'gate-3'], 250, 250);
  clock.advance(asleepMs);
  expect(hub.isQuiet).toBe(true);
  const before = woken;
  hub.wake();
  hub.wake();
  expect(hub.isQuiet).toBe(false);
  expect(woken - before).toBe(1);
  expect(beatsWithin(1001)).toBe(5);
});

test('the first message of anybody brings them back to 250 ms at once', () => {
  peersBeat(['gate-2', 'gate-3'], 250, 250);
  clock.advance(startedMs + 100);
  hub.sendToAll(ask);
  expect(beatsWithin(1)).toBe(1);
  expect(beats.at(-1)?.nextMs).toBe(250);
  expect(beatsWithin(1000)).toBe(4);
  clock.advance(startedMs);
  hub.receive('gate-2', ask);
  expect(beatsWithin(1001)).toBe(5);
});

test('what a heartbeat says anew ends the quiet, of this node and of a peer', () => {
  peersBeat(['gate-2', 'gate-3'], 250, 250);
  clock.advance(startedMs);
  lanes = [
    { node: 'gate-1', incarnation: '0'.repeat(16), lane: 'ledger', lastSeq: 1, durableSeq: 0 },
  ];
  clock.advance(quietMs);
  expect(beatsWithin(1000)).toBe(4);
  clock.advance(startedMs);
  expect(beatsWithin(20_000)).toBe(10);
  hub.receive('gate-2', { ...(beat(250) as Heartbeat), recovering: true });
  expect(beatsWithin(1001)).toBe(5);
});

test('a peer that speaks more quickly than it said ends the quiet', () => {
  peersBeat(['gate-2', 'gate-3'], quietMs, quietMs);
  clock.advance(startedMs);
  hub.receive('gate-2', beat(250));
  expect(beatsWithin(1001)).toBe(5);
});

test('while one peer knows the old pace only, everybody keeps to it', () => {
  peersBeat(['gate-2'], 250, 250);
  peersBeat(['gate-3'], 250);
  clock.advance(startedMs);
  expect(beatsWithin(4000)).toBe(16);
});

test('a peer that falls silent in quiet is dead when it missed two heartbeats', () => {
  hub.receive('gate-3', beat(250));
  peersBeat(['gate-2'], 250, 250);
  hub.receive('gate-3', beat(quietMs));
  clock.advance(2 * quietMs);
  expect(hub.reachable()).toContain('gate-3');
  clock.advance(500);
  expect(hub.reachable()).toEqual(['gate-2']);
  expect(lost).toEqual(['gate-3 at 4500']);
});

test('a peer that is silent when something happens is dead a second later', () => {
  peersBeat(['gate-2'], 250, 250);
  hub.receive('gate-3', beat(quietMs));
  clock.advance(250);
  hub.send('gate-3', ask);
  clock.advance(900);
  expect(hub.reachable()).toContain('gate-3');
  clock.advance(200);
  expect(hub.reachable()).toEqual(['gate-2']);
});
