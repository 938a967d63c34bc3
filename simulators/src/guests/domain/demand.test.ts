import { expect, test } from 'vitest';

import { seededUniform } from '../../camera/random.ts';
import { nextArrivalMs, rateAt } from './demand.ts';

const curve = { meanPerS: 4, rush: 0.6, periodMs: 20_000 };

function arrivals(seed: number, untilMs: number): number[] {
  const uniform = seededUniform(seed);
  const times: number[] = [];
  for (let at = nextArrivalMs(curve, 0, uniform); at < untilMs;) {
    times.push(at);
    at = nextArrivalMs(curve, at, uniform);
  }
  return times;
}

test('over whole periods the mean rate comes', () => {
  const times = arrivals(3, 1_000_000);
  expect(times.length / 1000).toBeGreaterThan(3.8);
  expect(times.length / 1000).toBeLessThan(4.2);
});

test('more come in a rush than between rushes, as the curve says', () => {
  const inRush = (at: number): boolean => rateAt(curve, at) > curve.meanPerS;
  const times = arrivals(4, 1_000_000);
  const rush = times.filter(inRush).length / times.length;
  // The integral of 1 + 0.6 sin over the upper half of a turn: (pi + 1.2) / (2 pi).
  expect(rush).toBeCloseTo((Math.PI + 1.2) / (2 * Math.PI), 1);
});

test('one seed gives one stream', () => {
  expect(arrivals(5, 60_000)).toEqual(arrivals(5, 60_000));
  expect(arrivals(5, 60_000)).not.toEqual(arrivals(6, 60_000));
});
