import { expect, test } from 'vitest';

import { StallWatch, stallMs } from './stall.ts';

test('a film whose position stands still for two seconds is stuck, whatever it says', () => {
  const watch = new StallWatch();
  watch.reset(0);
  expect(watch.observe({ positionMs: 10, resting: false }, 100)).toBe(false);
  expect(watch.observe({ positionMs: 10, resting: false }, 100 + stallMs - 1)).toBe(false);
  expect(watch.observe({ positionMs: 10, resting: false }, 100 + stallMs)).toBe(true);
});

test('one that moves, or has come to its end, is not', () => {
  const watch = new StallWatch();
  watch.reset(0);
  for (let atMs = 0; atMs < 10_000; atMs += 250)
    expect(watch.observe({ positionMs: atMs + 1, resting: false }, atMs)).toBe(false);
  for (let atMs = 10_000; atMs < 20_000; atMs += 250)
    expect(watch.observe({ positionMs: 5, resting: true }, atMs)).toBe(false);
});
