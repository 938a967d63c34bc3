import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { rootDir } from '../bundles.mjs';
import { createPlantedTree, type PlantedTree } from '../checks/planted-tree.ts';

// Stands in for npm: notes how it was called, and leaves what npm leaves behind.
const fakeNpm = `
const fs = require('node:fs');
fs.appendFileSync('calls', process.argv[2] + '\\n');
if (fs.existsSync('broken')) { console.log('no such package'); process.exit(1); }
fs.mkdirSync('node_modules', { recursive: true });
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

let tree: PlantedTree;

beforeEach(() => {
  tree = createPlantedTree();
  cpSync(join(rootDir, 'scripts/setup'), join(tree.dir, 'scripts/setup'), { recursive: true });
  cpSync(join(rootDir, 'scripts/bundles.mjs'), join(tree.dir, 'scripts/bundles.mjs'));
  cpSync(join(rootDir, 'package-lock.json'), join(tree.dir, 'package-lock.json'));
  tree.plant('npm-cli.cjs', fakeNpm);
});

afterEach(() => tree.remove());

function ensureInstalled(): Promise<{ ok: boolean; stderr: string }> {
  const module = pathToFileURL(join(tree.dir, 'scripts/setup/install.mjs')).href;
  const program = `import { ensureInstalled } from '${module}';
    process.exitCode = (await ensureInstalled()) ? 0 : 1;`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: tree.dir,
      env: { ...process.env, npm_execpath: join(tree.dir, 'npm-cli.cjs') },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('close', (code) => resolve({ ok: code === 0, stderr }));
  });
}

const calls = (): string[] => {
  const file = join(tree.dir, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

const installedLock = 'node_modules/.package-lock.json';
const lock = (): string => readFileSync(join(tree.dir, 'package-lock.json'), 'utf8');

test('where nothing is installed it runs npm ci, says so, and the next time nothing', async () => {
  const first = await ensureInstalled();
  expect(first).toMatchObject({ ok: true });
  expect(first.stderr).toContain('Installing the npm packages');
  expect(await ensureInstalled()).toEqual({ ok: true, stderr: '' });
  expect(calls()).toEqual(['ci']);
});

test('packages that npm ci put there by hand are found to be right', async () => {
  tree.plant(installedLock, lock());
  expect(await ensureInstalled()).toEqual({ ok: true, stderr: '' });
  expect(calls()).toEqual([]);
});

test('a changed lock file updates what is there instead of starting over', async () => {
  const old = JSON.parse(lock()) as { packages: Record<string, { version: string }> };
  const zod = old.packages['node_modules/zod'];
  expect(zod).toBeDefined();
  if (zod !== undefined) zod.version = '3.0.0';
  tree.plant(installedLock, JSON.stringify(old));
  expect(await ensureInstalled()).toMatchObject({ ok: true });
  expect(calls()).toEqual(['install']);
});

test('a binary that does not load is built again', async () => {
  tree.plant(installedLock, lock());
  rmSync(join(tree.dir, 'node_modules/better-sqlite3'));
  await ensureInstalled();
  expect(calls()).toEqual(['rebuild']);
});

test('a failure shows what npm said and what to do, and leaves no stamp', async () => {
  tree.plant('broken', '');
  const { ok, stderr } = await ensureInstalled();
  expect(ok).toBe(false);
  expect(stderr).toContain('no such package');
  expect(stderr).toContain('build-essential');
  rmSync(join(tree.dir, 'broken'));
  expect(await ensureInstalled()).toMatchObject({ ok: true });
});

test('two first starts at once install once', async () => {
  const both = await Promise.all([ensureInstalled(), ensureInstalled()]);
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  expect(calls()).toEqual(['ci']);
});
