import { expect, test } from 'vitest';

import { ageOf, inStepMs } from './data-age.ts';

test.each([
  ['the source of truth', null, 0, 5000, 5000],
  ['an earlier version, which tells no age', null, undefined, 5000, 5000],
  ['an upstream that was in step a while ago', null, 3000, 5000, 2000],
  ['an upstream that never was in step', null, null, 5000, null],
  ['an upstream that never was, after one that was', 1000, null, 5000, 1000],
  ['an upstream that knows less than was known', 4000, 3000, 5000, 4000],
  ['an upstream that knows more', 1000, 3000, 5000, 2000],
  ['a clock that was set back', 9000, 3000, 5000, 2000],
])('in step after the word of %s', (_, beforeMs, ageMs, nowMs, expected) => {
  expect(inStepMs(beforeMs, ageMs, nowMs)).toBe(expected);
});

test('an age is a whole number, never negative, and null where there was no step', () => {
  expect([ageOf(1000.4, 5000), ageOf(6000, 5000), ageOf(null, 5000)]).toEqual([4000, 0, null]);
});
