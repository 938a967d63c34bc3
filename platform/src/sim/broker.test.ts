import { expect, test } from 'vitest';

import { describeLink } from '../conformance/index.ts';
import { ioTCoreLimits } from '../limits.ts';
import { hubName, SimBroker, type BrokerManners } from './broker.ts';
import { SimClock } from './clock.ts';
import { fineWeather } from './network.ts';
import { SimRandom } from './random.ts';

const manners: BrokerManners = {
  limits: { ...ioTCoreLimits, maxPublishesPerS: Number.POSITIVE_INFINITY },
  silentDiscard: true,
  keepsSessions: true,
  replayPerS: 10,
  maxKept: 3,
};

function begin(change: Partial<BrokerManners> = {}) {
  const clock = new SimClock();
  const broker = new SimBroker({
    clock,
    random: new SimRandom(7),
    manners: { ...manners, ...change },
    weather: { ...fineWeather },
  });
  const node = broker.join('7/gate-1');
  const cloud = broker.join(hubName);
  const got: number[] = [];
  cloud.onPayload((_, payload) => got.push(payload[0] ?? 0));
  clock.advance(10);
  const send = (n: number): boolean => node.send(hubName, Uint8Array.of(n));
  return { clock, broker, node, cloud, got, send };
}

describeLink('simulated broker', async () => {
  const { clock, broker, node, cloud } = begin({
    keepsSessions: false,
    silentDiscard: false,
    limits: { ...manners.limits, maxBytesPerS: Number.POSITIVE_INFINITY },
  });
  return Promise.resolve({
    one: node,
    other: cloud,
    oneName: '7/gate-1',
    otherName: hubName,
    until: (what, condition) => {
      for (let waitedMs = 0; !condition(); waitedMs += 10) {
        if (waitedMs > 60_000) throw new Error(`Waited in vain for ${what}.`);
        clock.advance(10);
      }
      return Promise.resolve();
    },
    cut: () => Promise.resolve(broker.setCable('7/gate-1', false)),
    mend: () => Promise.resolve(broker.setCable('7/gate-1', true)),
    dispose: () => Promise.resolve(),
  });
});

test('what is sent to a client that is away comes slowly when it is back, up to a bound', () => {
  const { clock, broker, got, send } = begin();
  broker.setCable(hubName, false);
  for (const n of [1, 2, 3, 4]) expect(send(n)).toBe(true);
  clock.advance(1000);
  expect(broker.kept).toBe(3);
  broker.setCable(hubName, true);
  clock.advance(250);
  expect(got).toHaveLength(2);
  clock.advance(1000);
  expect(got.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
});

test('a broker that dies forgets what it acknowledged, or not', () => {
  for (const forgets of [true, false]) {
    const { clock, broker, got, send } = begin();
    broker.setCable(hubName, false);
    expect(send(1)).toBe(true);
    clock.advance(100);
    broker.kill(forgets);
    expect(send(2)).toBe(false);
    broker.start();
    broker.setCable(hubName, true);
    clock.advance(1000);
    expect(got).toEqual(forgets ? [] : [1]);
  }
});

test('a session that was lost holds nothing any more', () => {
  const { clock, broker, got, send } = begin();
  broker.setCable(hubName, false);
  send(1);
  clock.advance(100);
  broker.loseSession(hubName);
  broker.setCable(hubName, true);
  clock.advance(1000);
  expect(got).toEqual([]);
});

test('beyond the limits a publish is acknowledged and dropped, as IoT Core does it', () => {
  const { clock, broker, got, send } = begin({ limits: { ...ioTCoreLimits, maxPublishesPerS: 2 } });
  expect([1, 2, 3].map(send)).toEqual([true, true, true]);
  clock.advance(500);
  expect(got).toHaveLength(2);
  expect(broker.counts.discarded).toBe(1);
});
