import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { scenarioOf } from '../shrink/index.ts';
import { runScenario } from './index.ts';

/** A seed that once broke a law, and the faults that it needs. */
const regressionSchema = z.strictObject({
  seed: z.int().min(1),
  /** Numbers of the faults that were needed; null: all of them. */
  faults: z.array(z.int().min(0)).nullable(),
  /** The evening has its quiet stretches, or it has not. */
  pauses: z.enum(['with', 'without']).default('with'),
  law: z.string(),
  /** What was wrong. */
  note: z.string(),
});

const file = new URL('regressions.json', import.meta.url);
const regressions = z.array(regressionSchema).parse(JSON.parse(await readFile(file, 'utf8')));

test('seeds that once broke a law break none', { timeout: 600_000 }, async () => {
  for (const { seed, faults, pauses, law, note } of regressions) {
    const { violations } = await runScenario(scenarioOf(seed, faults, pauses));
    expect({ seed, faults, law, note, violations }).toMatchObject({ violations: [] });
  }
});
