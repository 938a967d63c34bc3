import { expect, test } from 'vitest';

import { fewestOf } from './fewest.ts';
import { shrink, type Part } from './shrink.ts';

interface Toy {
  readonly faults: readonly string[];
  readonly guests: readonly string[];
}

const parts: readonly Part<Toy>[] = [
  {
    name: 'faults',
    length: ({ faults }) => faults.length,
    keep: (toy, places) => ({ ...toy, faults: places.map((place) => toy.faults[place] ?? '') }),
  },
  {
    name: 'guests',
    length: ({ guests }) => guests.length,
    keep: (toy, places) => ({ ...toy, guests: places.map((place) => toy.guests[place] ?? '') }),
  },
];

const letters = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${String.fromCodePoint(97 + (n % 26))}${n}`);

const toy: Toy = { faults: letters(13), guests: letters(100) };

function needs(faults: readonly string[], guests: readonly string[]) {
  return async (smaller: Toy): Promise<boolean> =>
    faults.every((fault) => smaller.faults.includes(fault)) &&
    guests.every((guest) => smaller.guests.includes(guest));
}

test('only the faults and guests that a failure needs are left', async () => {
  const fails = needs(['c2', 'h7', 'm12'], ['k10', 'z77']);
  const { scenario, kept, runs } = await shrink(toy, parts, fails);
  expect(scenario).toEqual({ faults: ['c2', 'h7', 'm12'], guests: ['k10', 'z77'] });
  expect(kept).toEqual({ faults: [2, 7, 12], guests: [10, 77] });
  expect(runs).toBeLessThan(120);
});

test('a failure that needs no fault ends without any, after one run', async () => {
  const { scenario } = await shrink(toy, parts, needs([], ['a0']));
  expect(scenario).toEqual({ faults: [], guests: ['a0'] });
  const budget = { runs: 10 };
  expect(await fewestOf(50, async () => true, budget)).toEqual([]);
  expect(budget.runs).toBe(9);
});

test('a failure that needs everything stays as it was', async () => {
  const fails = async (smaller: Toy): Promise<boolean> =>
    smaller.faults.length === 13 && smaller.guests.length === 100;
  const { scenario } = await shrink(toy, parts, fails);
  expect(scenario).toEqual(toy);
});

test('it is the same each time, and leaving out any one more does not fail', async () => {
  const asked: string[] = [];
  const fails = async (kept: readonly number[]): Promise<boolean> => {
    asked.push(kept.join(','));
    return kept.includes(3) && (kept.includes(9) || kept.includes(20));
  };
  const first = await fewestOf(24, fails, { runs: 500 });
  const order = asked.splice(0);
  expect(await fewestOf(24, fails, { runs: 500 })).toEqual(first);
  expect(asked).toEqual(order);
  expect(new Set(order).size).toBe(order.length);
  expect(first).toHaveLength(2);
  for (const place of first) {
    expect(await fails(first.filter((other) => other !== place))).toBe(false);
  }
});

test('runs are bounded, and what is left still fails', async () => {
  const fails = needs(['c2', 'h7', 'm12'], ['k10']);
  const { scenario, runs } = await shrink(toy, parts, fails, { maxRuns: 9 });
  expect(runs).toBe(9);
  expect(await fails(scenario)).toBe(true);
});
