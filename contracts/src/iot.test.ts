import { expect, test } from 'vitest';

import { directClientId, parseThingName, thingName } from './iot.ts';

test('a thing is named by theatre and node, and the name tells them again', () => {
  expect(thingName(7, 'gate-1')).toBe('foyer-7-gate-1');
  expect(parseThingName('foyer-7-gate-1')).toEqual({ theatreNo: 7, nodeId: 'gate-1' });
  expect(parseThingName(thingName(65_535, 'a'.repeat(32)))?.theatreNo).toBe(65_535);
});

test('the connection of a node beside its nucleus has a client id of its own', () => {
  expect(directClientId(7, 'theatre')).toBe('foyer-7-theatre#link');
});

test.each([
  'foyer-0-gate-1',
  'foyer-70000-gate-1',
  'foyer-7-',
  'foyer-7-all',
  'other',
  'foyer-07-a',
])('%s is not a thing of ours', (name) => {
  expect(parseThingName(name)).toBeNull();
});
