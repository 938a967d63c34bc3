import type { EventBody } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';
import { openJournal } from '@foyer/platform/node';
import { SimRandom } from '@foyer/platform/sim';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { EventStore } from './event-store.ts';

const denial: EventBody = {
  kind: 'denial',
  colour: 'red',
  reason: 'forged',
  gate: 'gate-1',
  scanId: '24a58587-57fd-4cac-aecc-37ead7b4f450',
  atMs: 5,
};

let journal: Journal;
let events: EventStore;

beforeEach(() => {
  journal = openJournal({ path: ':memory:', migrations: [] });
  events = new EventStore({ journal, random: new SimRandom(1), nowMs: () => 7, self: 'gate-1' });
});

afterEach(() => journal.close());

const lastSeqs = (): number[] => events.lanes().map((lane) => lane.lastSeq);

test('lanes are the same list until one changes', () => {
  events.append(denial);
  const before = events.lanes();
  expect(events.lanes()).toBe(before);
  events.append(denial);
  expect(lastSeqs()).toEqual([2]);
  expect(before.map((lane) => lane.lastSeq)).toEqual([1]);
});

test('what is durable shows at once, and before it is written down', () => {
  events.append(denial);
  const [lane] = events.lanes();
  if (lane === undefined) throw new Error('There is no lane.');
  events.setDurable(lane, 1);
  const after = events.lanes();
  expect(after.map((one) => one.durableSeq)).toEqual([1]);
  events.setDurable(lane, 1);
  expect(events.lanes()).toBe(after);
  events.saveDurable();
  expect(events.lanes().map((one) => one.durableSeq)).toEqual([1]);
});

test('a transaction sees its own events, and nobody does when it failed', () => {
  events.append(denial);
  expect(lastSeqs()).toEqual([1]);
  const failing = () =>
    journal.transaction(() => {
      events.append(denial);
      expect(lastSeqs()).toEqual([2]);
      throw new Error('rolled back');
    });
  expect(failing).toThrow('rolled back');
  expect(lastSeqs()).toEqual([1]);
  expect(events.append(denial).seq).toBe(2);
});
