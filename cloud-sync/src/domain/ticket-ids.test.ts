import { bookingRefSchema, entriesOf, theatreNoOf, ticketIdSchema } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { bookingRefOf, ticketIdOf } from './ticket-ids.ts';

test('a ticket id tells its theatre and how many it admits, for every count', () => {
  for (let entries = 1; entries <= 16; entries += 1) {
    for (const byte of [0x00, 0x5a, 0xff]) {
      const id = ticketIdOf(65_535, entries, new Uint8Array(6).fill(byte));
      expect(ticketIdSchema.parse(id)).toBe(id);
      expect([theatreNoOf(id), entriesOf(id)]).toEqual([65_535, entries]);
    }
  }
});

test('a booking reference has 8 letters that are not taken for each other', () => {
  expect(bookingRefOf(new Uint8Array(5))).toBe('00000000');
  expect(bookingRefOf(new Uint8Array(5).fill(255))).toBe('ZZZZZZZZ');
  const ref = bookingRefOf(Uint8Array.of(1, 2, 3, 4, 5));
  expect(bookingRefSchema.parse(ref)).toBe(ref);
});
