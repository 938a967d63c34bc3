import { expect, test } from 'vitest';

import { failoverLink, type FailoverLink } from './failover-link.ts';
import { ioTCoreLimits } from './limits.ts';
import type { Link } from './link.ts';
import { hubName, SimBroker } from './sim/broker.ts';
import { SimClock } from './sim/clock.ts';
import { simLogger } from './sim/logger.ts';
import { fineWeather } from './sim/network.ts';
import { SimRandom } from './sim/random.ts';

const smallLimits = { ...ioTCoreLimits, maxPayloadBytes: 7300 };
const patienceMs = 15_000;
const soundMs = 30_000;

/** A node between two brokers, with the cloud behind both. */
function begin() {
  const clock = new SimClock();
  const brokers = [ioTCoreLimits, smallLimits].map(
    (limits) =>
      new SimBroker({
        clock,
        random: new SimRandom(7),
        manners: {
          limits,
          silentDiscard: false,
          keepsSessions: false,
          replayPerS: 10,
          maxKept: 3,
        },
        weather: { ...fineWeather },
      }),
  ) as [SimBroker, SimBroker];
  const clouds = brokers.map((broker) => broker.join(hubName)) as [Link, Link];
  const heard: string[] = [];
  for (const [n, cloud] of clouds.entries()) {
    cloud.onPayload((_peer, payload) => heard.push(`${n} ${Buffer.from(payload).toString()}`));
  }
  const opened = { second: 0 };
  const link = failoverLink({
    first: brokers[0].join('7/theatre'),
    openSecond: () => {
      opened.second += 1;
      return brokers[1].join('7/theatre');
    },
    clock,
    logger: simLogger(),
  });
  const told: boolean[] = [];
  link.onPeer((_peer, connected) => told.push(connected));
  clock.advance(10);
  const say = (text: string): boolean => link.send(hubName, Buffer.from(text));
  const setFirst = (plugged: boolean): void => brokers[0].setCable('7/theatre', plugged);
  return { clock, brokers, clouds, heard, link, told, opened, say, setFirst };
}

const stateOf = (link: FailoverLink): unknown[] => [
  link.inUse,
  link.peers(),
  link.limits.maxPayloadBytes,
];

test('the second way carries once the first was away for a while, under its own limits', () => {
  const { clock, link, heard, told, say, setFirst } = begin();
  expect(stateOf(link)).toEqual(['first', [hubName], ioTCoreLimits.maxPayloadBytes]);
  setFirst(false);
  clock.advance(patienceMs - 100);
  expect(stateOf(link)).toEqual(['first', [], ioTCoreLimits.maxPayloadBytes]);
  expect(say('lost')).toBe(false);
  clock.advance(200);
  expect(stateOf(link)).toEqual(['second', [hubName], smallLimits.maxPayloadBytes]);
  expect(say('by the second')).toBe(true);
  expect(link.send(hubName, new Uint8Array(smallLimits.maxPayloadBytes + 1))).toBe(false);
  clock.advance(10);
  expect(heard).toEqual(['1 by the second']);
  expect(told).toEqual([true, false, true]);
});

test('it goes back once the first was sound for a while, and says so as a new connection', () => {
  const { clock, link, heard, told, say, setFirst } = begin();
  setFirst(false);
  clock.advance(patienceMs + 100);
  setFirst(true);
  clock.advance(soundMs - 100);
  expect(link.inUse).toBe('second');
  clock.advance(200);
  expect(stateOf(link)).toEqual(['first', [hubName], ioTCoreLimits.maxPayloadBytes]);
  expect(told).toEqual([true, false, true, false, true]);
  say('by the first');
  clock.advance(10);
  expect(heard).toEqual(['0 by the first']);
});

test('limits never change while a peer is connected', () => {
  const { clock, link, setFirst } = begin();
  const seen: string[] = [];
  link.onPeer((_peer, connected) => seen.push(`${connected} ${link.limits.maxPayloadBytes}`));
  seen.splice(0);
  setFirst(false);
  clock.advance(patienceMs + 100);
  setFirst(true);
  clock.advance(soundMs + 100);
  expect(seen).toEqual(['false 131072', 'true 7300', 'false 7300', 'true 131072']);
});

test('a first way that comes and goes is not taken back', () => {
  const { clock, link, opened, setFirst } = begin();
  setFirst(false);
  clock.advance(patienceMs + 100);
  for (let n = 0; n < 10; n += 1) {
    setFirst(true);
    clock.advance(soundMs / 2);
    setFirst(false);
    clock.advance(soundMs / 2);
  }
  expect(link.inUse).toBe('second');
  expect(opened.second).toBe(1);
});

test('a short loss of the first changes nothing', () => {
  const { clock, link, opened, setFirst } = begin();
  setFirst(false);
  clock.advance(patienceMs / 2);
  setFirst(true);
  clock.advance(patienceMs * 2);
  expect([link.inUse, opened.second]).toEqual(['first', 0]);
});

test('with both away, whichever is there first is used at once', () => {
  const { clock, brokers, link, setFirst } = begin();
  brokers[1].kill(true);
  setFirst(false);
  clock.advance(patienceMs + 100);
  expect(stateOf(link)).toEqual(['second', [], smallLimits.maxPayloadBytes]);
  setFirst(true);
  clock.advance(100);
  expect(stateOf(link)).toEqual(['first', [hubName], ioTCoreLimits.maxPayloadBytes]);
});

test('while the second is used, what comes by the first is not heard a second time', () => {
  const { clock, clouds, link, setFirst } = begin();
  const got: string[] = [];
  link.onPayload((_peer, payload) => got.push(Buffer.from(payload).toString()));
  setFirst(false);
  clock.advance(patienceMs + 100);
  setFirst(true);
  clock.advance(100);
  for (const cloud of clouds) cloud.send('7/theatre', Buffer.from('down'));
  clock.advance(100);
  expect(got).toEqual(['down']);
});

test('after closing neither way is used, and no timer is left', async () => {
  const { clock, link, setFirst, opened } = begin();
  setFirst(false);
  await link.close();
  clock.advance(patienceMs * 2);
  expect([link.peers(), opened.second, clock.pending()]).toEqual([[], 0, []]);
});
