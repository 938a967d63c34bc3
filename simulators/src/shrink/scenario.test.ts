import { expect, test } from 'vitest';

import { makeScenario, type Scenario } from '../sim/index.ts';
import { scenarioOf, shrinkSeed } from './scenario.ts';

const seed = 3;

/** A run that breaks a law where two of the seed's faults meet a scan at gate 0. */
function toyRun(needed: readonly number[]) {
  return async ({ faults, scans }: Scenario) => {
    const ids = new Set(faults.map(({ id }) => id));
    const broken = needed.every((id) => ids.has(id)) && scans.some(({ gate }) => gate === 0);
    const violations = broken ? [{ law: 'G1', detail: '' }] : [];
    return { violations: [...violations, { law: 'G9', detail: 'always' }] };
  };
}

test('a failing seed is reduced to the faults and the scan that it needs', async () => {
  const needed = makeScenario(seed)
    .faults.slice(1, 3)
    .map(({ id }) => id);
  const shrunk = await shrinkSeed(seed, {}, toyRun(needed));
  expect(shrunk).toMatchObject({ seed, law: 'G1', faults: needed });
  expect(shrunk?.scenario.sales).toEqual([]);
  expect(shrunk?.scenario.scans).toHaveLength(1);
  expect(shrunk?.command).toBe(
    `npx foyer simulate --seed ${seed} --faults ${needed.join(',')} --trace`,
  );
});

test('a seed that breaks nothing cannot be reduced', async () => {
  expect(await shrinkSeed(seed, {}, async () => ({ violations: [] }))).toBeNull();
});

test('a seed is replayed with some of its faults, everything else as it was', () => {
  const whole = makeScenario(seed);
  const [, second] = whole.faults;
  expect(scenarioOf(seed, null)).toEqual(whole);
  expect(scenarioOf(seed, [second?.id ?? -1])).toEqual({ ...whole, faults: [second] });
});
