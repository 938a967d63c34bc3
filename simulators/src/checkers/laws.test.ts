import { expect, test } from 'vitest';

import { checkAll, laws } from './laws.ts';
import { soundRun } from './testing/run.ts';

test('a sound run breaks no law', () => {
  expect(checkAll(soundRun())).toEqual([]);
});

test('every law has a name of its own and a promise', () => {
  expect(new Set(laws.map(({ law }) => law)).size).toBe(laws.length);
  for (const { promise } of laws) expect(promise).toMatch(/^[A-Z].*\.$/);
});

test('a law that is broken everywhere is told a few times, and how often', () => {
  const run = soundRun();
  run.failedScans = Array.from({ length: 1000 }, (_, index) => ({
    askedRunMs: index,
    runMs: index,
    gate: 'gate-1',
    scanId: String(index),
    code: 'internal',
    crashed: false,
  }));
  const found = checkAll(run);
  expect(found).toHaveLength(21);
  expect(found.at(-1)).toEqual({ law: 'G2', detail: '980 more of these' });
});
