import type { Emergency } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { emptyLive, withAlarms } from './alarms.ts';

const emergency = (n: number, change: Partial<Emergency> = {}): Emergency => ({
  emergencyId: `00000000-0000-4000-8000-00000000000${n}`,
  active: true,
  kind: 'evacuate',
  text: '',
  screens: [],
  by: 'fire panel',
  atMs: 1,
  ...change,
});

const ids = (live: typeof emptyLive): string[] =>
  live.emergencies.map(({ emergencyId }) => emergencyId.slice(-1));

test('an alarm that no agent heard of is shown, and goes before the others', () => {
  const live = { ...emptyLive, emergencies: [emergency(1)] };
  expect(ids(withAlarms(live, [{ emergency: emergency(2), told: false }]))).toEqual(['2', '1']);
});

test('an alarm that ended here ends at once, whatever the agent still says', () => {
  const live = { ...emptyLive, emergencies: [emergency(1)] };
  const ended = { emergency: emergency(1, { active: false }), told: false };
  expect(ids(withAlarms(live, [ended]))).toEqual([]);
});

test("once the agent heard, its word counts: a console may have ended a contact's alarm", () => {
  const told = { emergency: emergency(1), told: true };
  expect(ids(withAlarms(emptyLive, [told]))).toEqual([]);
});
