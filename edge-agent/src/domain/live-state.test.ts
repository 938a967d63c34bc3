import type { LiveState } from '@foyer/contracts';
import { expect, test } from 'vitest';
import { LiveStates, maxTopicsOfNode, maxValueChars } from './live-state.ts';

const state = (topic: string, version: number, value: LiveState['value'] = version): LiveState => ({
  type: 'live-state',
  node: 'gate-1',
  topic,
  version,
  atMs: 0,
  value,
});

test('the higher version wins in whatever order they come', () => {
  const states = new LiveStates();
  expect(states.merge(state('occupancy', 2))).toBe(true);
  expect(states.merge(state('occupancy', 1))).toBe(false);
  expect(states.merge(state('occupancy', 2))).toBe(false);
  expect(states.get('gate-1', 'occupancy')?.value).toBe(2);
});

test('topics and values are bounded', () => {
  const states = new LiveStates();
  for (let n = 0; n < maxTopicsOfNode; n += 1) states.merge(state(`topic-${n}`, 1));
  expect(states.merge(state('one-more', 1))).toBe(false);
  expect(states.merge(state('topic-0', 2, 'x'.repeat(maxValueChars)))).toBe(false);
  expect(states.all()).toHaveLength(maxTopicsOfNode);
});
