import type { LiveState } from '@foyer/contracts';
import { expect, test } from 'vitest';
import { LiveStates, maxTopicsOfNode, maxValueChars, maxVersion } from './live-state.ts';

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
  expect(states.merge(state('occupancy', 2))).toBe('taken');
  expect(states.merge(state('occupancy', 1))).toBe('known');
  expect(states.merge(state('occupancy', 2))).toBe('known');
  expect(states.get('gate-1', 'occupancy')?.value).toBe(2);
});

test('topics and values are bounded', () => {
  const states = new LiveStates();
  for (let n = 0; n < maxTopicsOfNode; n += 1) states.merge(state(`topic-${n}`, 1));
  expect(states.merge(state('one-more', 1))).toBe('no-room');
  expect(states.merge(state('topic-0', 2, 'x'.repeat(maxValueChars)))).toBe('no-room');
  expect(states.all()).toHaveLength(maxTopicsOfNode);
});

test('nobody tells the state of a node that speaks for itself', () => {
  const states = new LiveStates();
  states.merge(state('occupancy', 5, 'true'));
  const forged = state('occupancy', 6, 'forged');
  expect(states.merge(forged, 'hearsay-of-the-living')).toBe('hearsay');
  expect(states.merge(state('new-topic', 1), 'hearsay-of-the-living')).toBe('hearsay');
  // What everybody knows may be told again.
  expect(states.merge(state('occupancy', 5), 'hearsay-of-the-living')).toBe('known');
  expect(states.get('gate-1', 'occupancy')?.value).toBe('true');
});

test('what others told of a silent node gives way to its own word, whatever the version', () => {
  const states = new LiveStates();
  expect(states.merge(state('occupancy', maxVersion, 'forged'), 'hearsay')).toBe('taken');
  expect(states.merge(state('occupancy', 5, 'true'))).toBe('taken');
  expect(states.get('gate-1', 'occupancy')?.value).toBe('true');
});

test('a node that restarts with its clock set back is believed', () => {
  const states = new LiveStates();
  states.merge(state('occupancy', 500));
  states.heardAgain('gate-1');
  expect(states.merge(state('occupancy', 20))).toBe('taken');
});

test('a version beyond all time is refused: nothing could follow it', () => {
  const states = new LiveStates();
  expect(states.merge(state('occupancy', Number.MAX_SAFE_INTEGER))).toBe('absurd-version');
});

test('a topic that its node took back makes room for another, the oldest first', () => {
  const states = new LiveStates();
  for (let n = 0; n < maxTopicsOfNode; n += 1) states.merge(state(`topic-${n}`, 1));
  states.merge({ ...state('topic-7', 2), value: null });
  states.merge({ ...state('topic-5', 3), value: null });
  expect(states.merge(state('one-more', 1))).toBe('taken');
  expect(states.get('gate-1', 'topic-7')).toBeNull();
  expect(states.get('gate-1', 'topic-5')).not.toBeNull();
  expect(states.merge(state('two-more', 1))).toBe('taken');
  expect(states.merge(state('three-more', 1))).toBe('no-room');
});
