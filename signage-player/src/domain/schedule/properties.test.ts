import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Campaign, Item } from '@foyer/contracts';

import { slotAt, timeline } from './schedule.ts';
import type { Slot } from './slot.ts';
import { campaignOf, hourMs, houseOf, itemOf, silent } from './testing/house.ts';

const fourMs = Date.parse('2026-11-21T04:00:00-06:00');

interface Loop {
  readonly weights: number[];
  readonly seconds: number[];
}

const loops = fc.integer({ min: 2, max: 8 }).chain((count) =>
  fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: count, maxLength: count }),
    seconds: fc.array(fc.integer({ min: 5, max: 30 }), { minLength: count, maxLength: count }),
  }),
);

const houseWith = (
  { weights, seconds }: Loop,
  more: (no: number) => Partial<Campaign> = () => ({}),
) =>
  houseOf({
    campaigns: weights.map((weight, no) => campaignOf(`c${no}`, { weight, ...more(no) })),
    items: seconds.map((s, no) => itemOf(`c${no}`, { durationMs: s * 1000 })),
  });

const airTime = (slots: readonly Slot[], campaignId: string): number =>
  slots
    .filter((slot) => slot.campaignId === campaignId)
    .reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);

const options = { numRuns: 20 };

test('air time is never further from its share than the bound, at any moment of an evening', () => {
  fc.assert(
    fc.property(loops, (loop) => {
      const slots = timeline(houseWith(loop), 'lobby-1', silent, fourMs, fourMs + 3 * hourMs);
      const weights = loop.weights.reduce((sum, weight) => sum + weight, 0);
      const longestMs = Math.max(...loop.seconds) * 1000;
      const boundMs = (2 + Math.log(loop.weights.length)) * longestMs;
      const had = loop.weights.map(() => 0);
      let worstMs = 0;
      for (const { campaignId, startMs, endMs } of slots) {
        const no = Number(campaignId?.slice(1));
        had[no] = (had[no] ?? 0) + endMs - startMs;
        for (const [at, weight] of loop.weights.entries()) {
          const dueMs = ((endMs - fourMs) * weight) / weights;
          worstMs = Math.max(worstMs, Math.abs((had[at] ?? 0) - dueMs));
        }
      }
      expect(worstMs).toBeLessThanOrEqual(boundMs);
    }),
    options,
  );
});

test('no item follows itself where each can have its share without', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 3, max: 5 }), { minLength: 3, maxLength: 7 }),
      (weights) => {
        const loop = { weights, seconds: weights.map(() => 10) };
        const slots = timeline(houseWith(loop), 'lobby-1', silent, fourMs, fourMs + 2 * hourMs);
        for (const [at, slot] of slots.entries()) {
          expect(slot.item?.itemId).not.toBe(slots[at - 1]?.item?.itemId);
        }
      },
    ),
    options,
  );
});

test('one with nine tenths of the weight has nine tenths of the time, in the shortest runs', () => {
  const loop = { weights: [9, 1], seconds: [10, 10] };
  const slots = timeline(houseWith(loop), 'lobby-1', silent, fourMs, fourMs + 2 * hourMs);
  expect(airTime(slots, 'c0') / (2 * hourMs)).toBeCloseTo(0.9, 2);
  let [run, longest] = [0, 0];
  for (const { campaignId } of slots) {
    run = campaignId === 'c0' ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  expect(longest).toBeLessThanOrEqual(10);
});

test('no sixty minutes hold more starts than the cap, the anchor of the day included', () => {
  fc.assert(
    fc.property(loops, fc.integer({ min: 1, max: 60 }), (loop, capPerHour) => {
      const house = houseWith(loop, (no) => (no === 0 ? { capPerHour, weight: 50 } : {}));
      const slots = timeline(house, 'lobby-1', silent, fourMs - 2 * hourMs, fourMs + 3 * hourMs);
      const starts = slots.filter((slot) => slot.campaignId === 'c0').map((slot) => slot.startMs);
      expect(starts.length).toBeGreaterThan(0);
      for (const startMs of starts) {
        const within = starts.filter((other) => other >= startMs && other < startMs + hourMs);
        expect(within.length).toBeLessThanOrEqual(capPerHour);
      }
    }),
    options,
  );
});

test('competitors are kept apart by what either asks for, the anchor of the day included', () => {
  fc.assert(
    fc.property(loops, fc.integer({ min: 1, max: 900 }), (loop, separationS) => {
      const rivals: Item[] = ['a', 'b'].map((itemId) => itemOf(itemId, { category: 'fizz' }));
      const base = houseWith(loop);
      const house = houseOf({
        items: [...base.items, ...rivals],
        campaigns: [
          ...base.campaigns,
          campaignOf('a', { separationS, weight: 9 }),
          campaignOf('b', { weight: 9 }),
        ],
      });
      const slots = timeline(house, 'lobby-1', silent, fourMs - 2 * hourMs, fourMs + 2 * hourMs);
      const plays = slots.filter(({ item }) => item?.category === 'fizz');
      expect(plays.length).toBeGreaterThan(0);
      for (const [at, play] of plays.entries()) {
        const before = plays[at - 1];
        if (before === undefined) continue;
        const asked = [before, play].some(({ campaignId }) => campaignId === 'a') ? separationS : 0;
        expect(play.startMs - before.endMs).toBeGreaterThanOrEqual(asked * 1000);
      }
    }),
    options,
  );
});

test('whoever asks, whenever, gets the same second; a timeline has no gap and no overlap', () => {
  fc.assert(
    fc.property(
      loops,
      fc.array(fc.integer({ min: 0, max: 30 * 3600 }), { minLength: 5, maxLength: 5 }),
      (loop, seconds) => {
        const house = houseWith(loop, (no) => (no === 1 ? { capPerHour: 7 } : {}));
        const slots = timeline(house, 'lobby-1', silent, fourMs, fourMs + 30 * hourMs);
        const loose = slots.filter(
          ({ startMs, endMs }, at) =>
            endMs <= startMs || startMs !== (at === 0 ? fourMs : slots[at - 1]?.endMs),
        );
        expect(loose).toEqual([]);
        for (const second of seconds) {
          const atMs = fourMs + second * 1000;
          const fresh = slotAt(structuredClone(house), 'lobby-1', silent, atMs);
          const known = slots.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
          expect(fresh).toEqual(known);
        }
      },
    ),
    { numRuns: 4 },
  );
});
