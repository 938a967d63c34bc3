import { expect, test } from 'vitest';
import { EventRing } from './event-ring.ts';

function ringOf(capacity: number, count: number, firstId = 1): EventRing {
  const ring = new EventRing(capacity, firstId);
  for (let n = 0; n < count; n += 1) ring.add('verdict', String(n));
  return ring;
}

const ids = (ring: EventRing, after: number) => ring.after(after).map((message) => message.id);

test('a reader that comes back gets what it missed, once', () => {
  expect(ids(ringOf(10, 5), 3)).toEqual([4, 5]);
  expect(ids(ringOf(10, 5), 5)).toEqual([]);
});

test('only the last messages are kept', () => {
  expect(ids(ringOf(3, 9), 0)).toEqual([7, 8, 9]);
});

test('a reader of an earlier or a later run gets all that is kept', () => {
  expect(ids(ringOf(3, 3, 100), 7)).toEqual([100, 101, 102]);
  expect(ids(ringOf(3, 3, 100), 900)).toEqual([100, 101, 102]);
});
