import { expect, test } from 'vitest';

import {
  availability,
  capacityOf,
  groupLabel,
  inReadingOrder,
  seatsToClaim,
  stateOfClaim,
} from './seats.ts';

const map = {
  rows: [
    { row: 'A', seats: 3 },
    { row: 'AA', seats: 2 },
    { row: 'B', seats: 12 },
  ],
};

test('a hold that ran out at this very moment no longer holds', () => {
  expect(stateOfClaim({ seat: 'A1', expiresAtMs: 10 }, 9)).toBe('held');
  expect(stateOfClaim({ seat: 'A1', expiresAtMs: 10 }, 10)).toBe('free');
  expect(stateOfClaim({ seat: 'A1', expiresAtMs: null }, 10)).toBe('sold');
  expect(stateOfClaim(undefined, 10)).toBe('free');
});

test('every seat of the map has a state', () => {
  const seats = availability(map, [{ seat: 'A2', expiresAtMs: null }], 0);
  expect(seats).toHaveLength(capacityOf(map));
  expect(seats.filter((seat) => seat.state !== 'free')).toEqual([{ seat: 'A2', state: 'sold' }]);
});

test('two requests for the same seats claim them in the same order', () => {
  expect(seatsToClaim(map, ['B2', 'A1', 'B12'])).toEqual(seatsToClaim(map, ['B12', 'B2', 'A1']));
});

test('a seat that is named twice or is not there is refused by name', () => {
  expect(() => seatsToClaim(map, ['A1', 'A1'])).toThrow('named twice');
  expect(() => seatsToClaim(map, ['A1', 'C9', 'A4'])).toThrow('no seat C9, A4');
});

test('people read B2 before B10 and row B before row AA', () => {
  expect(inReadingOrder(['B10', 'AA1', 'B2'])).toEqual(['B2', 'B10', 'AA1']);
});

test('a group label is a range where its seats are adjacent', () => {
  expect(groupLabel(['B2'])).toBe('B2');
  expect(groupLabel(['B3', 'B2', 'B4'])).toBe('B2-4');
  expect(groupLabel(['B9', 'B10', 'B12'])).toBe('B9 +2');
  expect(groupLabel(['A1', 'B2'])).toBe('A1 +1');
});
