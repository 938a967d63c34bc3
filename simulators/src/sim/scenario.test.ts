import { expect, test } from 'vitest';

import { drawnBeside, mainKinds } from './faults/index.ts';
import { runScenario, runSeed } from './run.ts';
import { makeScenario } from './pauses.ts';
import { makeBusyScenario } from './scenario.ts';

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
  expect(new Set(drawn.map(({ kind }) => kind))).toEqual(
    new Set([...Object.keys(mainKinds), ...drawnBeside]),
  );
});

test('an evening has quiet stretches of many minutes, in which nobody comes', () => {
  for (const seed of seeds) {
    const { loadMs, scans, sales } = makeScenario(seed);
    expect(loadMs).toBeGreaterThan(30 * 60_000);
    const times = [...scans, ...sales].map(({ atMs }) => atMs).toSorted((a, b) => a - b);
    const gaps = times.map((atMs, n) => atMs - (times[n - 1] ?? 0));
    const long = gaps.filter((gapMs) => gapMs > 10 * 60_000);
    expect(long.length).toBeGreaterThanOrEqual(1);
    expect(Math.max(...times)).toBeLessThan(loadMs + 10_000);
  }
});

test('faults last through quiet stretches, unless they are over in a moment', () => {
  const lengths = (kind: string): number[] =>
    seeds.flatMap((seed) =>
      makeScenario(seed)
        .faults.filter((fault) => fault.kind === kind)
        .map(({ startMs, endMs }) => endMs - startMs),
    );
  for (const kind of ['wan-cut', 'lan-halves', 'crash', 'cloud-crash']) {
    expect(Math.max(...lengths(kind))).toBeGreaterThan(10 * 60_000);
  }
  for (const kind of ['lan-flap', 'replays', 'crash-loop']) {
    expect(Math.max(...lengths(kind))).toBeLessThan(30_000);
  }
});

test('without its quiet stretches an evening is the same one', () => {
  const [busy, whole] = [makeBusyScenario(5), makeScenario(5)];
  expect(whole.scans.map(({ scanId }) => scanId)).toEqual(busy.scans.map(({ scanId }) => scanId));
  expect(whole.faults.map(({ kind }) => kind)).toEqual(busy.faults.map(({ kind }) => kind));
  expect(busy.loadMs).toBeLessThan(30_000);
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
