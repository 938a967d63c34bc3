import { expect, it } from 'vitest';
import { runScenario } from './testing/scenario.ts';

const [first, last] = (process.env['FOYER_SEEDS'] ?? '1..20').split('..').map(Number);

it('keeps its guarantees under crashes, cuts, loss and delay, whatever the seed', async () => {
  const totals = { greens: 0, degraded: 0, ambers: 0, doubles: 0 };
  const failures: string[] = [];
  for (let seed = first ?? 1; seed <= (last ?? 20); seed += 1) {
    const { violations, ...counts } = await runScenario(seed);
    failures.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
    totals.greens += counts.greens;
    totals.degraded += counts.degraded;
    totals.ambers += counts.ambers;
    totals.doubles += counts.doubles;
  }
  if (process.env['FOYER_SEEDS'] !== undefined) process.stderr.write(`${JSON.stringify(totals)}\n`);
  expect(failures).toEqual([]);
  // The seeds must reach what they are to test.
  expect(totals.doubles).toBeGreaterThan(0);
  expect(totals.degraded).toBeGreaterThan(0);
  expect(totals.ambers).toBeGreaterThan(0);
}, 120_000);
