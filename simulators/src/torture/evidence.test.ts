import { expect, test } from 'vitest';

import type { RunEvidence } from '../checkers/evidence.ts';
import { soundRun } from '../checkers/testing/run.ts';
import { countLosses } from './evidence.ts';

const counts = (run: ReturnType<typeof soundRun>) => countLosses(run as RunEvidence);

test('a sound run lost nothing, and its doubles are reported', () => {
  const { lost, doubles, doublesReported, doublesUnreported } = counts(soundRun());
  expect(doubles).toBeGreaterThan(0);
  expect({ lost, doublesReported, doublesUnreported }).toEqual({
    lost: 0,
    doublesReported: doubles,
    doublesUnreported: 0,
  });
});

test('an admission that the cloud lacks is lost, whether it was shown or only committed', () => {
  const run = soundRun();
  const gone = run.cloud.admissions.splice(0, 2).map(({ scanId }) => scanId);
  expect(counts(run).lost).toBe(2);
  run.verdicts = run.verdicts.filter(({ verdict }) => !gone.includes(verdict.scanId));
  expect(counts(run).lost).toBe(2);
});

test('an extra green that no report names is an unreported double', () => {
  const run = soundRun();
  const { doubles } = counts(run);
  run.cloud.reports = [];
  expect(counts(run)).toMatchObject({ doublesUnreported: doubles, doublesReported: 0 });
});
