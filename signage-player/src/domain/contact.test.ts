import { expect, test } from 'vitest';

import { contactReading, readContact } from './contact.ts';

const closed = (readings: (boolean | null)[], from = false): boolean[] => {
  let state = { closed: from, against: 0 };
  return readings.map((reading) => {
    state = readContact(state, reading);
    return state.closed;
  });
};

test('a closure counts after three readings in a row; a bounce does not', () => {
  expect(closed([true, true, true])).toEqual([false, false, true]);
  expect(closed([true, true, false, true, true])).toEqual([false, false, false, false, false]);
});

test('what cannot be read neither raises nor ends anything', () => {
  expect(closed([null, null, null, null])).toEqual([false, false, false, false]);
  expect(closed([null, null, null, null], true)).toEqual([true, true, true, true]);
});

test('a file says 0 or 1; a contact that is active low is closed at 0', () => {
  expect(contactReading('1\n', false)).toBe(true);
  expect(contactReading('0\n', true)).toBe(true);
  expect(contactReading('1\n', true)).toBe(false);
  for (const text of [null, '', 'in', '2']) expect(contactReading(text, false)).toBeNull();
});
