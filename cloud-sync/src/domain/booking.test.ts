import { expect, test } from 'vitest';

import {
  decideCancel,
  decideCaptured,
  decideCharge,
  type BookingFacts,
  type BookingState,
} from './booking.ts';

const facts = (state: BookingState, more: Partial<BookingFacts> = {}): BookingFacts => ({
  state,
  holdExpiresAtMs: 100,
  showCancelled: false,
  admitted: false,
  ...more,
});

function outcome(decide: () => string): string {
  try {
    return decide();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'thrown';
  }
}

test('only a hold that is still on is charged', () => {
  const cases = [
    [facts('PENDING'), 99, 'charge'],
    [facts('PENDING'), 100, 'hold-expired'],
    [facts('PENDING', { showCancelled: true }), 99, 'wrong-state'],
    [facts('CONFIRMED'), 500, 'done'],
    [facts('CANCELLED'), 50, 'wrong-state'],
    [facts('EXPIRED'), 50, 'hold-expired'],
  ] as const;
  for (const [given, nowMs, expected] of cases) {
    expect(outcome(() => decideCharge(given, nowMs))).toBe(expected);
  }
});

test('a captured charge becomes a sale unless the booking or its show was cancelled', () => {
  expect(decideCaptured(facts('PENDING'))).toBe('claim');
  expect(decideCaptured(facts('EXPIRED'))).toBe('claim');
  expect(decideCaptured(facts('CONFIRMED'))).toBe('done');
  expect(decideCaptured(facts('CANCELLED'))).toBe('refund');
  expect(decideCaptured(facts('PENDING', { showCancelled: true }))).toBe('refund');
});

test('a booking that guests were admitted on is not cancelled', () => {
  const cases = [
    [facts('PENDING'), 99, 'release'],
    [facts('PENDING'), 100, 'wrong-state'],
    [facts('CONFIRMED'), 500, 'revoke'],
    [facts('CONFIRMED', { admitted: true }), 500, 'wrong-state'],
    [facts('CANCELLED'), 500, 'done'],
  ] as const;
  for (const [given, nowMs, expected] of cases) {
    expect(outcome(() => decideCancel(given, nowMs))).toBe(expected);
  }
});
