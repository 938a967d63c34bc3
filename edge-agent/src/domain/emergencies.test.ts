import type { Emergency } from '@foyer/contracts';
import { expect, test } from 'vitest';
import { beats, latestAtMs, leastImportant, maxEmergenciesKept } from './emergencies.ts';

const emergency = (atMs: number, more: Partial<Emergency> = {}): Emergency => ({
  emergencyId: `00000000-0000-4000-8000-${String(atMs).padStart(12, '0')}`,
  active: true,
  kind: 'evacuate',
  text: '',
  screens: [],
  by: 'x',
  atMs,
  ...more,
});

test('the later of two counts; at the same moment the one that warns', () => {
  const ended = emergency(5, { active: false });
  expect(beats(emergency(6), ended)).toBe(true);
  expect(beats(emergency(4), ended)).toBe(false);
  expect(beats(emergency(5), ended)).toBe(true);
  expect(beats(ended, emergency(5))).toBe(false);
  expect(beats(ended, ended)).toBe(false);
  expect(beats(ended, null)).toBe(true);
});

test('one that no later word could end is not taken', () => {
  expect(beats(emergency(8_640_000_000_000_000), null)).toBe(false);
});

test('a change is told after what it changes, whatever the clock shows', () => {
  expect(latestAtMs(10.4, null)).toBe(10);
  expect(latestAtMs(10, emergency(50))).toBe(51);
  expect(latestAtMs(100, emergency(50))).toBe(100);
});

test('what ended goes first, then what matters less, the oldest before the newer', () => {
  const kept = Array.from({ length: maxEmergenciesKept - 1 }, (_, n) => emergency(n + 100));
  const message = emergency(500, { kind: 'message' });
  const ended = emergency(600, { active: false });
  expect(leastImportant([...kept, message])).toEqual([]);
  expect(leastImportant([...kept, message, ended])).toEqual([ended]);
  expect(leastImportant([...kept, message, emergency(700)])).toEqual([message]);
  expect(leastImportant([...kept, emergency(700), emergency(50)])).toEqual([emergency(50)]);
});
