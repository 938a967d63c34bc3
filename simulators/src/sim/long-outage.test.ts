import { expect, test } from 'vitest';

import { runScenario } from './run.ts';
import { makeBusyScenario, type Scenario } from './scenario.ts';

/** Longer than the house lets data get old, 30 minutes. */
const outageMs = 33 * 60_000;

/** An evening whose guests come at the end of an outage that everybody else slept through. */
function afterAnOutage(seed: number): Scenario {
  const { loadMs, ...usual } = makeBusyScenario(seed);
  const later = <T extends { atMs: number }>(one: T): T => ({ ...one, atMs: one.atMs + outageMs });
  const cut = { id: 1, kind: 'wan-cut', startMs: 200, endMs: loadMs + outageMs, amount: 0 };
  return {
    ...usual,
    loadMs: loadMs + outageMs,
    scans: usual.scans.map(later),
    sales: usual.sales.map((sale) => ({ ...sale, atMs: 1000 + sale.atMs / 100 })),
    faults: [{ ...cut, node: 'theatre', other: 'theatre', groups: [] }],
  };
}

test('gates know that what the theatre answers is older than an outage', async () => {
  const lines: string[] = [];
  const result = await runScenario(afterAnOutage(3), { onLine: (line) => lines.push(line) });
  expect(result.violations).toEqual([]);
  const greens = lines.filter((line) => line.includes(' green '));
  expect(greens.length).toBeGreaterThan(20);
  const late = greens.filter((line) => line.includes('stale-data'));
  expect(late.length).toBeGreaterThan(20);
}, 240_000);
