import { isFoyerError } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { runningPrograms } from '../up/program.ts';
import { isSound } from './options.ts';
import { runTorture } from './run.ts';

const options = {
  minutes: 0.12,
  seed: 2,
  gates: 3,
  only: ['kills'],
  progress: () => undefined,
};

test('real processes are killed under load: nothing is lost, nothing stays behind', async () => {
  const { signal } = new AbortController();
  const result = await runTorture({ ...options, signal });
  expect(result).toMatchObject({ lost: 0, doublesUnreported: 0, stuck: 0, violations: [] });
  expect(isSound(result)).toBe(true);
  expect(result.kills).toBeGreaterThan(0);
  expect(result.greens).toBeGreaterThan(5);
  expect(result.scans).toBe(result.greens + result.reds + result.ambers);
  expect(runningPrograms()).toBe(0);
}, 150_000);

test('an unknown phase is refused with the names that there are', async () => {
  const { signal } = new AbortController();
  const run = runTorture({ ...options, only: ['moon'], signal });
  const error: unknown = await run.catch((reason: unknown) => reason);
  if (!isFoyerError(error)) throw error;
  expect(error.code).toBe('bad-request');
  expect(error.whatToDo).toMatch(/calm, kills, cables, pulled-cable, disk-full, postgres/);
});
