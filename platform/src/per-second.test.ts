import { expect, test } from 'vitest';

import { PerSecond } from './per-second.ts';

test('so many a second are let through, and the next second begins anew', () => {
  const bound = new PerSecond(2);
  const taken = [0, 10, 999, 1000, 1001, 1002].map((nowMs) => bound.take(nowMs));
  expect(taken).toEqual([true, true, false, true, true, false]);
  expect(bound.leftOut()).toBe(2);
  expect(bound.leftOut()).toBe(0);
});
