import { expect, test } from 'vitest';

import type { Campaign, LiveView } from '@foyer/contracts';

import { slotAt, timeline } from './schedule.ts';
import {
  campaignOf,
  hourMs,
  houseOf,
  minuteMs,
  screenOf,
  showOf,
  silent,
} from './testing/house.ts';

const nowMs = Date.parse('2026-11-21T20:00:00-06:00');

const busy: Campaign['conditions'] = [
  { metric: 'waiting', is: 'at-least', value: 10, maxAgeS: 60 },
];

const queue = (count: number, atMs = nowMs): LiveView => ({
  ...silent,
  waiting: { 'gate-1': { count, atMs } },
});

const others = ['a', 'b', 'c'].map((id) => campaignOf(id, { weight: 2 }));
const beside = houseOf({
  campaigns: [...others, campaignOf('gate', { conditions: busy, weight: 2 })],
});

const hour = (live: LiveView) => timeline(beside, 'lobby-1', live, nowMs, nowMs + hourMs);
/** Live state that is told again and again. */
const steady = (count: number) => (atMs: number) =>
  slotAt(beside, 'lobby-1', queue(count, atMs), atMs);

test('live counts move no turn: only the slots of the condition differ', () => {
  for (let atMs = nowMs; atMs < nowMs + 10 * minuteMs; atMs += 3300) {
    const [calm, full] = [steady(0)(atMs), steady(20)(atMs)];
    expect([calm.startMs, calm.endMs]).toEqual([full.startMs, full.endMs]);
    if (full.campaignId !== 'gate') expect(calm).toMatchObject({ item: full.item });
    else expect(calm).toMatchObject({ code: 'stand-in' });
  }
});

test('stand-ins go to others than the neighbours, and no campaign is left out', () => {
  const slots = hour(silent);
  for (const { campaignId } of others) {
    const share = slots.filter((slot) => slot.campaignId === campaignId).length / slots.length;
    expect(share).toBeGreaterThanOrEqual(0.25);
  }
  const repeated = slots.filter((slot, at) => slot.item === slots[at - 1]?.item);
  expect(repeated).toEqual([]);
});

test.each([
  [queue(10), 'yes'],
  [queue(9), 'condition'],
  [queue(10, nowMs - 60_000), 'condition-unknown'],
  [queue(10, nowMs + 120_000), 'condition-unknown'],
  [silent, 'condition-unknown'],
] as const)('a condition asks for a value that is fresh: %j, %s', (live, expected) => {
  const alone = houseOf({
    campaigns: [campaignOf('loop'), campaignOf('gate', { conditions: busy, priority: 50 })],
  });
  const slot = slotAt(alone, 'lobby-1', live, nowMs);
  const code = slot.excluded.find(({ campaignId }) => campaignId === 'gate')?.code;
  expect(slot.campaignId).toBe(expected === 'yes' ? 'gate' : 'loop');
  expect(code).toBe(expected === 'yes' ? undefined : expected);
});

test('a tier of conditions alone covers the others for that time, and they go on beneath', () => {
  const house = houseOf({
    campaigns: [
      campaignOf('loop', { items: ['x', 'y'] }),
      campaignOf('gate', { conditions: busy, priority: 50 }),
    ],
  });
  const live = queue(12, nowMs + 2500);
  const quiet = timeline(house, 'lobby-1', silent, nowMs, nowMs + 5 * minuteMs);
  const covered = timeline(house, 'lobby-1', live, nowMs + 2500, nowMs + 5 * minuteMs);
  const untilMs = nowMs + 2500 + minuteMs;
  for (const slot of covered) {
    expect(slot.campaignId).toBe(slot.startMs < untilMs ? 'gate' : 'loop');
  }
  const after = covered.find(({ startMs }) => startMs >= untilMs);
  expect(after?.startMs).toBe(untilMs);
  expect(covered.slice(covered.indexOf(after!) + 1)).toEqual(
    quiet.filter(({ startMs }) => startMs > untilMs),
  );
});

test('a fallback has the turn while the condition fails, and gives it back when it holds', () => {
  const house = houseOf({
    campaigns: [campaignOf('gate', { conditions: busy, fallbackItem: 'calm' })],
  });
  expect(slotAt(house, 'lobby-1', silent, nowMs)).toMatchObject({
    code: 'condition-fallback',
    item: { itemId: 'calm' },
  });
  expect(slotAt(house, 'lobby-1', queue(10), nowMs).item?.itemId).toBe('gate');
});

test('a value that grows old inside a slot ends the item there', () => {
  const house = houseOf({
    campaigns: [campaignOf('gate', { conditions: busy, fallbackItem: 'calm' })],
  });
  const live = queue(10, nowMs - 56_000);
  const slots = timeline(house, 'lobby-1', live, nowMs, nowMs + 10_000);
  expect(slots.map(({ item }) => item?.itemId)).toContain('gate');
  const edge = slots.find(({ item }) => item?.itemId === 'calm');
  expect(edge?.startMs).toBe(nowMs + 4000);
});

const shows = [showOf(1, nowMs), showOf(2, nowMs, { auditorium: '2' })];
const people = (one: number, two: number | null): LiveView => ({
  ...silent,
  sold: {
    1: { count: one, atMs: nowMs },
    ...(two === null ? {} : { 2: { count: two, atMs: nowMs } }),
  },
  admitted: { 1: { count: one, atMs: nowMs } },
  delays: [{ showNo: 1, delayMin: 15, atMs: nowMs - 5000 }],
});

test.each([
  ['lobby-1', 'sold-share', 'at-least', 0.5, people(80, 30), true],
  ['lobby-1', 'sold-share', 'at-least', 0.6, people(80, 30), false],
  ['lobby-1', 'sold-share', 'at-least', 0.1, people(80, null), false],
  ['door-1', 'sold-share', 'at-least', 0.8, people(80, null), true],
  ['door-1', 'seats-left', 'at-most', 20, people(80, null), true],
  ['door-1', 'seats-left', 'at-most', 19, people(80, null), false],
  ['door-1', 'admitted-share', 'at-most', 0.8, people(80, null), true],
  ['door-1', 'delay-min', 'at-least', 15, people(80, null), true],
  ['door-1', 'delay-min', 'at-least', 16, people(80, null), false],
  ['lobby-1', 'waiting', 'at-most', 5, queue(3), true],
] as const)('on %s %s %s %d', (screenId, metric, is, value, live, holds) => {
  const house = houseOf({
    screens: [screenOf('lobby-1'), screenOf('door-1', { auditorium: '1', kind: 'door' })],
    campaigns: [
      campaignOf('loop'),
      campaignOf('when', { priority: 50, conditions: [{ metric, is, value, maxAgeS: 60 }] }),
    ],
    shows,
  });
  expect(slotAt(house, screenId, live, nowMs).campaignId === 'when').toBe(holds);
});

test('the sum over gates proves "at least" with one silent, and never "at most"', () => {
  const half: LiveView = {
    ...silent,
    waiting: {
      'gate-1': { count: 12, atMs: nowMs },
      'gate-2': { count: 0, atMs: nowMs - hourMs },
    },
  };
  const house = (is: 'at-least' | 'at-most', value: number) =>
    houseOf({
      campaigns: [
        campaignOf('loop'),
        campaignOf('when', {
          priority: 50,
          conditions: [{ metric: 'waiting', is, value, maxAgeS: 60 }],
        }),
      ],
    });
  expect(slotAt(house('at-least', 10), 'lobby-1', half, nowMs).campaignId).toBe('when');
  expect(slotAt(house('at-most', 20), 'lobby-1', half, nowMs).campaignId).toBe('loop');
});
