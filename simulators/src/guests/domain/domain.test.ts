import { expect, test } from 'vitest';

import { formatTicketCode, packCore, parseTicketCode } from '@foyer/contracts';

import { seededUniform } from '../../camera/random.ts';
import { drawCondition, drawIntent, intents } from './intents.ts';
import { forgeCode, pickSeats, strangeText } from './tickets.ts';

const core = packCore({ kind: 'static', keyId: 1, ticketId: '0007000000000001', showNo: 1017 });
const code = formatTicketCode(core, new Uint8Array(64).fill(9));

test('a forged code is well-formed, names another ticket and keeps the old signature', () => {
  const forged = parseTicketCode(forgeCode(code, seededUniform(1)));
  expect(forged).toMatchObject({
    outcome: 'code',
    code: { keyId: 1, showNo: 1017, signature: new Uint8Array(64).fill(9) },
  });
  expect(forged).not.toMatchObject({ code: { ticketId: '0007000000000001' } });
});

test('a strange text is not ours', () => {
  const uniform = seededUniform(2);
  for (let round = 0; round < 20; round += 1) {
    expect(parseTicketCode(strangeText(uniform)).outcome).toBe('not-ours');
  }
});

test('seats are free, side by side, in one row', () => {
  const state = (seat: string, free: boolean) => ({ seat, state: free ? 'free' : 'sold' }) as const;
  const seats = [state('A1', true), state('A2', false), state('A3', true), state('A4', true)];
  const more = [...seats, state('B1', true), state('B2', true), state('B3', true)];
  for (let seed = 0; seed < 20; seed += 1) {
    const found = pickSeats(more, 2, seededUniform(seed));
    expect([
      ['A3', 'A4'],
      ['B1', 'B2'],
      ['B2', 'B3'],
    ]).toContainEqual(found);
  }
  expect(pickSeats(more, 3, seededUniform(1))).toEqual(['B1', 'B2', 'B3']);
  expect(pickSeats(seats, 3, seededUniform(1))).toBeUndefined();
});

test('every intent and most conditions occur, the honest most often', () => {
  const uniform = seededUniform(3);
  const drawn = Array.from({ length: 2000 }, () => drawIntent(uniform));
  expect(new Set(drawn)).toEqual(new Set(intents));
  expect(drawn.filter((each) => each === 'honest').length).toBeGreaterThan(1200);
  const conditions = new Set(Array.from({ length: 2000 }, () => drawCondition(uniform)));
  expect(conditions.size).toBe(13);
});
