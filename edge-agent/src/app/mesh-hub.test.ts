import type { Refusal } from '@foyer/cloud-sync/engine';
import type { LiveState, Message, Role } from '@foyer/contracts';
import { SimClock } from '@foyer/platform/sim';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LiveGossip } from './live-gossip.ts';
import { MeshHub } from './mesh-hub.ts';

const roles: Readonly<Record<string, Role>> = { 'gate-2': 'gate', 'gate-9': 'gate' };

let clock: SimClock;
let hub: MeshHub;
let live: LiveGossip;
let refused: Refusal[];
/** Types of the messages that went to everybody. */
let toAll: string[];
/** What got through to the parts behind the hub. */
let passed: string[];

beforeEach(() => {
  clock = new SimClock();
  refused = [];
  passed = [];
  toAll = [];
  const onRefused = (refusal: Refusal): void => void refused.push(refusal);
  hub = new MeshHub({
    self: { node: 'gate-1', role: 'gate', boot: 1 },
    channel: {
      peers: () => ['gate-2', 'gate-9'],
      send: () => true,
      sendToAll: (m) => void toAll.push(m.type),
    },
    clock,
    mayBe: (node, role) => roles[node] === role,
    onRefused,
    heartbeat: () => ({
      recovering: false,
      feeds: [],
      lanes: [],
      configEpochs: [],
      upstream: 'none',
    }),
    onMessage: (from, message) => {
      passed.push(`${from} ${message.type}`);
      live.onMessage(from, message);
    },
    onPeer: (peer, alive) => {
      if (alive) live.onPeer(peer);
    },
    onBeat: () => {},
  });
  live = new LiveGossip({ self: 'gate-1', hub, clock, onRefused });
  hub.start();
});

afterEach(() => hub.close());

const hello = (node: string, role: Role, boot = 5): Message => {
  return { type: 'hello', node, role, boot, oldest: 1, newest: 1, wallMs: 0 };
};
const heartbeat = (boot: number, wallMs = 0): Message => ({
  type: 'heartbeat',
  boot,
  wallMs,
  recovering: false,
  feeds: [],
  lanes: [],
  configEpochs: [],
  upstream: 'none',
});
const state = (node: string, version: number, value: string): LiveState => {
  return { type: 'live-state', node, topic: 'occupancy', version, atMs: 0, value };
};
const told = () => refused.map(({ reason, type, peer }) => `${peer} ${type} ${reason}`);
const valueOf = (node: string) => live.all().find((one) => one.node === node)?.value;

test('a gate that greets as the theatre agent is not taken for it', () => {
  hub.receive('gate-9', hello('gate-9', 'theatre'));
  expect(hub.peers.get('gate-9')?.role).toBeNull();
  hub.receive('gate-9', hello('gate-9', 'gate'));
  expect(hub.peers.get('gate-9')?.role).toBe('gate');
});

test('a heartbeat of a start that is over changes nothing and is counted', () => {
  hub.receive('gate-2', hello('gate-2', 'gate', 7));
  hub.receive('gate-2', heartbeat(7, 1000));
  const before = hub.clockReadings();
  hub.receive('gate-2', heartbeat(6, 99_000));
  hub.receive('gate-2', hello('gate-2', 'gate', 6));
  expect(hub.clockReadings()).toEqual(before);
  expect(told()).toEqual(['gate-2 heartbeat old-boot', 'gate-2 hello old-boot']);
  expect(passed).toEqual(['gate-2 hello', 'gate-2 heartbeat']);
});

test('nobody tells the state of a gate that answers, nor of this very gate', () => {
  hub.receive('gate-2', state('gate-2', 3, 'true'));
  hub.receive('gate-9', state('gate-2', 4, 'forged'));
  hub.receive('gate-9', state('gate-1', 4, 'forged'));
  expect(valueOf('gate-2')).toBe('true');
  expect(valueOf('gate-1')).toBeUndefined();
  expect(told()).toEqual(['gate-9 live-state hearsay', 'gate-9 live-state hearsay']);
});

test('what is told of a silent gate holds until it answers itself', async () => {
  hub.receive('gate-9', state('gate-2', 900, 'as far as I know'));
  expect(valueOf('gate-2')).toBe('as far as I know');
  hub.receive('gate-2', heartbeat(1));
  hub.receive('gate-2', state('gate-2', 3, 'itself'));
  expect(valueOf('gate-2')).toBe('itself');
  await clock.advanceAsync(2000);
  hub.receive('gate-9', state('gate-2', Number.MAX_SAFE_INTEGER, 'for ever'));
  expect(valueOf('gate-2')).toBe('itself');
  expect(told()).toEqual(['gate-9 live-state absurd-version']);
});

test('a greeting is said again within 2 s: who missed it would refuse all that follows', () => {
  clock.advance(2000);
  expect(toAll.filter((type) => type === 'hello')).toHaveLength(1);
  expect(toAll.filter((type) => type === 'heartbeat')).toHaveLength(8);
});
