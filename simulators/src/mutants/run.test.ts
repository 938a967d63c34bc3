import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { bundleMutant } from './bundle.ts';
import { inFile, mutant, type Mutant } from './mutant.ts';
import { mutantsNamed, runMutants } from './run.ts';

const file = 'simulators/src/mutants/testing/counter.ts';
const entry = 'simulators/src/mutants/testing/toy-seeds.ts';
const sound = 'return value + 1;';

let outDir: string;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'foyer-mutants-'));
});

afterAll(() => rm(outDir, { recursive: true, force: true }));

const planted = (name: string, replace: string, find = sound): Mutant =>
  mutant(name, 'A bug of the toy.', ...inFile(file, [find, replace]));

const run = (mutants: readonly Mutant[], more: { hints?: Record<string, number> } = {}) =>
  runMutants({ mutants, maxSeeds: 12, hangMs: 4000, bundle: { entry, outDir }, ...more });

test('a bug is caught at the first seed that shows it; what changes nothing survives', async () => {
  const told: string[] = [];
  const report = await runMutants({
    mutants: [
      planted('late', 'return value === 6 ? value : value + 1;'),
      planted('same', 'return 1 + value;'),
    ],
    maxSeeds: 12,
    bundle: { entry, outDir },
    onProgress: ({ name }) => told.push(name),
  });
  expect(report).toMatchObject({ planted: 2, caught: 1, survivors: ['same'], unsound: [] });
  expect(report.results).toMatchObject([
    { name: 'late', caughtAtSeed: 7, law: 'counts', seeds: 7 },
    { name: 'same', caughtAtSeed: null, law: null, seeds: 12 },
  ]);
  expect(told.toSorted()).toEqual(['late', 'same']);
}, 30_000);

test('a process that ends or hangs is caught, and says which', async () => {
  const report = await run([
    planted('crash', "if (value === 2) throw new Error('at two');\n  return value + 1;"),
    planted('hang', 'while (value > 3);\n  return value + 1;'),
  ]);
  expect(report).toMatchObject({ caught: 2, survivors: [] });
  expect(report.results).toMatchObject([
    { caughtAtSeed: 3, law: 'crash', seeds: 3 },
    { caughtAtSeed: 5, law: 'hang', seeds: 5 },
  ]);
  expect(report.results[0]?.detail).toContain('at two');
}, 30_000);

test('the seed that caught it the last time goes first', async () => {
  const bug = planted('hinted', 'return value === 6 ? value : value + 1;');
  const report = await run([bug], { hints: { hinted: 9 } });
  expect(report.results).toMatchObject([{ caughtAtSeed: 9, seeds: 1 }]);
  const beyond = await run([bug], { hints: { hinted: 99 } });
  expect(beyond.results).toMatchObject([{ caughtAtSeed: 7, seeds: 7 }]);
}, 30_000);

test('a seed that fails without any planted bug proves nothing', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'foyer-mutants-'));
  try {
    // The whole program is at fault from seed 3 on, whatever is planted.
    const report = await runMutants({
      mutants: [planted('late', 'return value === 6 ? value : value + 1;')],
      maxSeeds: 12,
      bundle: { entry: 'simulators/src/mutants/testing/broken-seeds.ts', outDir: broken },
    });
    expect(report).toMatchObject({ planted: 1, caught: 0, survivors: ['late'] });
    expect(report.unsound).toMatchObject([{ seed: 3, law: 'never-three' }]);
  } finally {
    await rm(broken, { recursive: true, force: true });
  }
}, 30_000);

test('a mutant that no longer fits, compiles or belongs to the program is named', async () => {
  const build = (bug: Mutant) => bundleMutant(bug, { entry, outDir });
  await expect(build(planted('gone', '', 'no such text'))).rejects.toThrow(/gone .* 0 times/);
  await expect(build(planted('twice', '', 'value'))).rejects.toThrow(/twice .* 2 times/);
  await expect(build(planted('torn', 'return value +'))).rejects.toThrow(/mutant torn cannot/);
  const elsewhere = mutant('elsewhere', 'Not run.', {
    file: 'simulators/src/mutants/mutant.ts',
    find: 'export function filesOf',
    replace: 'export function files',
  });
  await expect(build(elsewhere)).rejects.toThrow(/elsewhere changes .*mutant\.ts, which/);
  expect(await readdir(outDir)).not.toContain('torn.mjs');
});

test('mutants are chosen by name, and a name that is none is refused', () => {
  const bugs = [planted('one', 'a'), planted('two', 'b')];
  expect(mutantsNamed(['two'], bugs)).toEqual([bugs[1]]);
  expect(mutantsNamed(undefined, bugs)).toBe(bugs);
  expect(() => mutantsNamed(['three'], bugs)).toThrow('no mutant named three');
});
