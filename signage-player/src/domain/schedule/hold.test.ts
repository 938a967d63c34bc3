import { expect, test } from 'vitest';

import { ruleBased } from '../ads/index.ts';
import type { AdDecider, AdRequest } from '../ads/index.ts';
import { slotNow } from './hold.ts';
import { slotAt, timeline } from './schedule.ts';
import { campaignOf, hourMs, houseOf, minuteMs, screenOf, silent } from './testing/house.ts';

const nowMs = Date.parse('2026-11-21T20:00:00-06:00');
const screens = [screenOf('lobby-1'), screenOf('lobby-2')];
const base = ['a', 'b', 'c'].map((id) => campaignOf(id));
const house = houseOf({ screens, campaigns: base });

test('a new programme leaves the item that is on to its end, then goes on by its own plan', () => {
  const richer = houseOf({ screens, campaigns: [campaignOf('new', { weight: 5 }), ...base] });
  const playing = slotAt(house, 'lobby-1', silent, nowMs);
  const held = slotNow(richer, 'lobby-1', silent, playing.startMs + 4000, playing);
  expect(held).toMatchObject({ item: playing.item, endMs: playing.endMs });
  const next = slotNow(richer, 'lobby-1', silent, playing.endMs, held);
  expect(next).toEqual(slotAt(richer, 'lobby-1', silent, playing.endMs));
});

test('an item that may not be on any more goes at once', () => {
  const playing = slotAt(house, 'lobby-1', silent, nowMs);
  const atMs = playing.startMs + 1000;
  const gone = houseOf({
    screens,
    campaigns: base.map((each) =>
      each.campaignId === playing.campaignId ? { ...each, status: 'paused' as const } : each,
    ),
  });
  expect(slotNow(gone, 'lobby-1', silent, atMs, playing).item).not.toEqual(playing.item);
  const above = houseOf({ screens, campaigns: [...base, campaignOf('call', { priority: 50 })] });
  expect(slotNow(above, 'lobby-1', silent, atMs, playing).campaignId).toBe('call');
  const standby = houseOf({ screens: [screenOf('lobby-1', { mode: 'standby' })], campaigns: base });
  expect(slotNow(standby, 'lobby-1', silent, atMs, playing).kind).toBe('standby');
});

test('an item that was changed is shown as it is now', () => {
  const playing = slotAt(house, 'lobby-1', silent, nowMs);
  const items = house.items.map((item) => ({ ...item, name: `${item.name} 2` }));
  const shown = slotNow({ ...house, items }, 'lobby-1', silent, playing.startMs, playing);
  expect(shown.item?.name).toMatch(/ 2$/);
});

const promotions = houseOf({
  screens,
  campaigns: [
    campaignOf('loop', { weight: 4, items: ['l1', 'l2', 'l3'] }),
    campaignOf('p1', { slot: 'promotion', weight: 3 }),
    campaignOf('p2', { slot: 'promotion', weight: 2, capPerHour: 20 }),
    campaignOf('p3', { slot: 'promotion', weight: 1 }),
  ],
});

test('a promotion carries the decision of the rules, with all that it was asked', () => {
  const asked: AdRequest[] = [];
  const noting: AdDecider = {
    name: 'rules',
    decide: (request) => {
      asked.push(request);
      return ruleBased.decide(request);
    },
  };
  const plain = timeline(promotions, 'lobby-1', silent, nowMs, nowMs + 20 * minuteMs);
  for (const { campaignId, item, decision } of plain) {
    if (campaignId === 'loop') expect(decision).toBeNull();
    else expect(decision).toMatchObject({ campaignId, itemId: item?.itemId, propensity: 1 });
  }
  timeline(promotions, 'lobby-1', silent, nowMs, nowMs + 5 * minuteMs, { decider: noting });
  const last = asked.at(-1);
  expect(last?.context.weekday).toBe(6);
  expect(Object.values(last?.context.shares ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(1);
  const ids = plain.flatMap(({ decision }) => decision?.decisionId ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const again = timeline(structuredClone(promotions), 'lobby-1', silent, nowMs, nowMs + minuteMs);
  expect(again).toEqual(plain.slice(0, again.length));
});

test('screens with the same campaigns are in step; their decisions have ids of their own', () => {
  const [one, two] = ['lobby-1', 'lobby-2'].map((screenId) =>
    timeline(promotions, screenId, silent, nowMs, nowMs + 10 * minuteMs),
  );
  const seen = (slots: typeof one) => slots?.map(({ startMs, item }) => [startMs, item?.itemId]);
  expect(seen(one)).toEqual(seen(two));
  const ids = [...(one ?? []), ...(two ?? [])].flatMap(
    ({ decision }) => decision?.decisionId ?? [],
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('another decider chooses among promotions only, and caps and shares of the rest hold', () => {
  const greedy: AdDecider = {
    name: 'greedy',
    decide: ({ eligible, nowMs: atMs }) => {
      const [first] = eligible.toSorted((a, b) => (a.campaignId < b.campaignId ? 1 : -1));
      return {
        campaignId: first?.campaignId ?? '',
        itemId: first?.itemId ?? '',
        propensity: 0.5,
        decisionId: `greedy-${atMs}`,
      };
    },
  };
  const slots = timeline(promotions, 'lobby-1', silent, nowMs, nowMs + hourMs, { decider: greedy });
  const time = (id: string): number =>
    slots.filter(({ campaignId }) => campaignId === id).length / slots.length;
  expect(time('loop')).toBeCloseTo(0.4, 1);
  expect(time('p3')).toBeGreaterThan(0.25);
  expect(slots.filter(({ campaignId }) => campaignId === 'p2').length).toBeLessThanOrEqual(21);
  const promoted = slots.filter(({ decision }) => decision !== null);
  expect(promoted.every(({ decision }) => decision?.propensity === 0.5)).toBe(true);
  expect(promoted.every(({ decision, item }) => decision?.itemId === item?.itemId)).toBe(true);
});
