import { expect, test } from 'vitest';

import { ageOf, arrivedAgeMs, inStepMs } from './data-age.ts';

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

test.each([
  ['at once', 3000, 5000, 3000],
  ['after it was held on the way', 3000, 65_000, 63_000],
  ['after the clock was set back', 3000, 1000, 3000],
  ['where nothing was ever in step', null, 65_000, null],
])('an answer that arrives %s has grown as old as its question', (_, ageMs, nowMs, expected) => {
  expect(arrivedAgeMs({ ageMs, askedMs: 5000 }, nowMs)).toBe(expected);
});

test('an answer of an earlier version, which does not repeat when it was asked, is of now', () => {
  expect(arrivedAgeMs({ ageMs: 3000 }, 65_000)).toBe(3000);
});

test('an age is a whole number, never negative, and null where there was no step', () => {
  expect([ageOf(1000.4, 5000), ageOf(6000, 5000), ageOf(null, 5000)]).toEqual([4000, 0, null]);
});
