import { expect, test } from 'vitest';

import { faultKinds } from './faults/index.ts';
import { runScenario, runSeed } from './run.ts';
import { makeScenario } from './scenario.ts';

const seeds = Array.from({ length: 500 }, (_, n) => n + 1);

test('each seed has at least 3 gates, 100 scans and 3 kinds of fault', () => {
  for (const seed of seeds) {
    const { gates, scans, faults } = makeScenario(seed);
    expect(gates).toBeGreaterThanOrEqual(3);
    expect(scans.length).toBeGreaterThanOrEqual(100);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(3);
  }
});

test('every kind of fault comes up within a hundred seeds', () => {
  const drawn = seeds.slice(0, 100).flatMap((seed) => makeScenario(seed).faults);
  expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(Object.keys(faultKinds)));
});

test('a seed tells the same story each time, to the byte', { timeout: 60_000 }, async () => {
  const stories: string[][] = [];
  for (let time = 0; time < 2; time += 1) {
    const lines: string[] = [];
    await runSeed(7, { onLine: (line) => lines.push(line) });
    stories.push(lines);
  }
  expect(stories[0]?.length).toBeGreaterThan(500);
  expect(stories[1]).toEqual(stories[0]);
});

test('without a fault the guests come just the same', { timeout: 60_000 }, async () => {
  const scenario = makeScenario(3);
  const calm = await runScenario({ ...scenario, faults: [] });
  expect(calm).toMatchObject({ violations: [], doubles: 0 });
  expect(calm.scans).toBeGreaterThanOrEqual(100);
});
