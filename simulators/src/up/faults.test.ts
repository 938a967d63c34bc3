import { expect, test } from 'vitest';

import { faultSteps, parseDuration, parseFault, parseFaults } from './faults.ts';

const house = { gates: 4, boxes: 2 };

test('a fault is a name, a start and an end', () => {
  expect(parseFault('wan@10s..40s', house)).toEqual({
    name: 'wan',
    target: { kind: 'cut', link: 'wan' },
    startMs: 10_000,
    endMs: 40_000,
  });
  expect(parseFault('gate-2@500ms..1.5m', house)).toMatchObject({
    target: { kind: 'kill', program: 'gate-2' },
    startMs: 500,
    endMs: 90_000,
  });
  expect(parseFault('lan:gate-4@1.5s..2s', house)).toMatchObject({
    target: { kind: 'cut', link: 'lan:gate-4' },
    startMs: 1500,
  });
});

test.each([
  ['wan', 'Write NAME@START..END'],
  ['wan@10..40', 'Write a number and a unit'],
  ['wan@10s', 'Write NAME@START..END'],
  ['moon@1s..2s', 'Name one of wan, theatre, broker, cloud, gate-1'],
  ['gate-5@1s..2s', 'Name one of'],
  ['lan:gate-9@1s..2s', 'Name one of'],
  ['wan@5s..5s', 'Give the later time second'],
])('"%s" is refused with the next step', (text, whatToDo) => {
  expect(() => parseFault(text, house)).toThrow(
    expect.objectContaining({
      code: 'bad-request',
      whatToDo: expect.stringContaining(whatToDo) as string,
    }),
  );
});

test('a fault that starts after the load, or overlaps one of its own name, is refused', () => {
  expect(() => parseFaults(['wan@60s..70s'], house, 60_000)).toThrow(/after the run has ended/);
  expect(() => parseFaults(['wan@1s..20s', 'wan@10s..30s'], house, 60_000)).toThrow(/overlap/);
  expect(parseFaults(['wan@1s..20s', 'wan@20s..30s'], house, 60_000)).toHaveLength(2);
});

test('steps come in order of time and mend before they break', () => {
  const steps = faultSteps(parseFaults(['wan@20s..30s', 'wan@1s..20s', 'theatre@5s..25s'], house));
  expect(steps.map(({ atMs, begin, fault }) => `${atMs} ${begin} ${fault.name}`)).toEqual([
    '1000 true wan',
    '5000 true theatre',
    '20000 false wan',
    '20000 true wan',
    '25000 false theatre',
    '30000 false wan',
  ]);
});

test('durations are read with their unit', () => {
  expect(parseDuration('60s')).toBe(60_000);
  expect(parseDuration('2h')).toBe(7_200_000);
  expect(() => parseDuration('60')).toThrow(/not a duration/);
});
