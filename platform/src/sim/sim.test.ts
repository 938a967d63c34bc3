import { expect, test } from 'vitest';

import {
  describeClock,
  describeJournal,
  describeLink,
  describeLogger,
  describeRandom,
} from '../conformance/index.ts';
import { SimClock } from './clock.ts';
import { SimDisk } from './disk.ts';
import { simLogger } from './logger.ts';
import { ioTCoreBehaviour, SimNetwork } from './network.ts';
import { SimRandom } from './random.ts';

describeClock('simulated', () => {
  const clock = new SimClock();
  return { clock, advance: (ms) => clock.advanceAsync(ms) };
});

describeRandom('simulated', () => new SimRandom(42));

describeLogger('simulated', () => {
  const logger = simLogger();
  return {
    logger,
    lines: () => logger.records.map(({ level, event, fields }) => ({ level, event, ...fields })),
  };
});

describeJournal('simulated disk', (migrations) => {
  const disk = new SimDisk({ migrations });
  return {
    journal: disk.open(),
    reopen: (later) => disk.reopen(later),
    dispose: () => disk.destroy(),
  };
});

describeLink('simulated network', async () => {
  const clock = new SimClock();
  const network = new SimNetwork({ clock, random: new SimRandom(7) });
  return Promise.resolve({
    one: network.join('gate-1'),
    other: network.join('gate-2'),
    oneName: 'gate-1',
    otherName: 'gate-2',
    until: (what, condition) => {
      for (let waitedMs = 0; !condition(); waitedMs += 10) {
        if (waitedMs > 60_000) throw new Error(`Waited in vain for ${what}.`);
        clock.advance(10);
      }
      return Promise.resolve();
    },
    cut: () => Promise.resolve(network.setCut('gate-1', 'gate-2', true)),
    mend: () => Promise.resolve(network.setCut('gate-1', 'gate-2', false)),
    dispose: () => Promise.resolve(),
  });
});

test('the same seed gives the same run, another seed another, and forks do not disturb', () => {
  const draw = (random: SimRandom): number[] => Array.from({ length: 50 }, () => random.uint32());
  expect(draw(new SimRandom(1))).toEqual(draw(new SimRandom(1)));
  expect(draw(new SimRandom(1))).not.toEqual(draw(new SimRandom(2)));
  const parent = new SimRandom(1);
  const fork = parent.fork('weather');
  draw(fork);
  expect(draw(parent)).toEqual(draw(new SimRandom(1)));
  expect(draw(new SimRandom(1).fork('weather'))).not.toEqual(draw(new SimRandom(1).fork('guests')));
});

test('the wall clock jumps without moving timers', () => {
  const clock = new SimClock(1_000_000);
  let fired = false;
  clock.setTimer('t', 100, () => (fired = true));
  clock.jumpWall(86_400_000);
  expect(clock.nowMs()).toBe(87_400_000);
  expect(fired).toBe(false);
  clock.advance(100);
  expect(fired).toBe(true);
});

test('equal times fire in the order they were set', () => {
  const clock = new SimClock();
  const fired: number[] = [];
  for (let n = 0; n < 200; n += 1) clock.setTimer('t', 5, () => fired.push(n));
  clock.advance(5);
  expect(fired).toEqual([...fired.keys()]);
});

function weatherRun(seed: number): { received: number[]; network: SimNetwork } {
  const clock = new SimClock();
  const network = new SimNetwork({
    clock,
    random: new SimRandom(seed),
    weather: { minDelayMs: 1, maxDelayMs: 50, loss: 0.1, duplication: 0.1, reorder: true },
  });
  const one = network.join('one');
  const received: number[] = [];
  network.join('two').onPayload((_peer, payload) => received.push(payload[0] ?? -1));
  for (let n = 0; n < 100; n += 1) one.send('two', Uint8Array.of(n));
  clock.advance(1000);
  return { received, network };
}

test('bad weather loses, doubles and reorders, and a seed replays it exactly', () => {
  const { received, network } = weatherRun(3);
  expect(network.counts.lost).toBeGreaterThan(0);
  expect(network.counts.duplicated).toBeGreaterThan(0);
  expect(received).not.toEqual(received.toSorted((a, b) => a - b));
  expect(new Set(received).size).toBeLessThan(100);
  expect(weatherRun(3).received).toEqual(received);
  expect(weatherRun(4).received).not.toEqual(received);
});

test("IoT Core's limits: too much is dropped silently, too large is refused", () => {
  const clock = new SimClock();
  const network = new SimNetwork({
    clock,
    random: new SimRandom(1),
    behaviour: ioTCoreBehaviour,
  });
  const node = network.join('1/theatre');
  let arrived = 0;
  network.join('cloud').onPayload(() => (arrived += 1));
  expect(node.send('cloud', new Uint8Array(128 * 1024 + 1))).toBe(false);
  for (let n = 0; n < 5; n += 1) {
    expect(node.send('cloud', new Uint8Array(128 * 1024))).toBe(true);
  }
  clock.advance(500);
  expect([arrived, network.counts.discarded]).toEqual([4, 1]);
  clock.advance(600);
  for (let n = 0; n < 150; n += 1) {
    node.send('cloud', new Uint8Array(10));
    clock.advance(1);
  }
  clock.advance(100);
  expect([arrived, network.counts.discarded]).toEqual([104, 51]);
});

test('a partition lets talk inside its groups only, until it is mended', () => {
  const clock = new SimClock();
  const network = new SimNetwork({ clock, random: new SimRandom(1) });
  const links = new Map(['a', 'b', 'c', 'd'].map((name) => [name, network.join(name)]));
  network.partition([['a', 'b'], ['c']]);
  expect(links.get('a')?.peers()).toEqual(['b']);
  expect(links.get('c')?.peers()).toEqual([]);
  expect(links.get('d')?.peers()).toEqual([]);
  network.mend();
  expect(links.get('d')?.peers()).toEqual(['a', 'b', 'c']);
});
