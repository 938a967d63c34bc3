import { spawn } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { rootDir } from './bundles.mjs';
import { createPlantedTree, type PlantedTree } from './checks/planted-tree.ts';

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let tree: PlantedTree;

beforeEach(() => {
  tree = createPlantedTree();
  cpSync(join(rootDir, 'cli/bin'), join(tree.dir, 'cli/bin'), { recursive: true });
  cpSync(join(rootDir, 'scripts/bundles.mjs'), join(tree.dir, 'scripts/bundles.mjs'));
  cpSync(join(rootDir, 'package-lock.json'), join(tree.dir, 'package-lock.json'));
  tree.plant('contracts/src/index.ts', "export const word: string = 'one';\n");
  tree.plant(
    'cli/src/main.ts',
    "import { word } from '@foyer/contracts';\nprocess.stdout.write(`${word}\\n`);\n",
  );
});

afterEach(() => tree.remove());

function foyer(): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(tree.dir, 'cli/bin/foyer.mjs')]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('the first start builds, the second does not, a changed source builds again', async () => {
  const first = await foyer();
  expect(first).toMatchObject({ code: 0, stdout: 'one\n', stderr: 'Building (first start)\n' });
  expect(await foyer()).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
  tree.plant('contracts/src/index.ts', "export const word: string = 'two';\n");
  const third = await foyer();
  expect(third).toMatchObject({ stdout: 'two\n', stderr: 'Building (sources changed)\n' });
});

test('four first starts at once all run whole bundles', async () => {
  const runs = await Promise.all([foyer(), foyer(), foyer(), foyer()]);
  for (const run of runs) expect(run).toMatchObject({ code: 0, stdout: 'one\n' });
  expect(await foyer()).toMatchObject({ code: 0, stderr: '' });
});

test('a program that cannot be built is named, is removed, and stops no other', async () => {
  tree.plant('scanner/src/main.ts', 'export const fine = 1;\n');
  await foyer();
  expect(existsSync(join(tree.dir, 'build/bundles/scanner.mjs'))).toBe(true);
  tree.plant('scanner/src/main.ts', 'export const = ;\n');
  const run = await foyer();
  expect(run).toMatchObject({ code: 0, stdout: 'one\n' });
  expect(run.stderr).toContain('Could not build scanner');
  expect(run.stderr).toContain('scanner/src/main.ts:1');
  expect(existsSync(join(tree.dir, 'build/bundles/scanner.mjs'))).toBe(false);
});

test('without installed packages it says what to run', async () => {
  rmSync(join(tree.dir, 'node_modules'), { recursive: true });
  const run = await foyer();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('npm ci');
});
