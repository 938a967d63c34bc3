import { afterAll, beforeAll, expect, test } from 'vitest';

import { createPlantedTree, type PlantedTree } from './planted-tree.ts';
import { styleProblems } from './style.mjs';

const kinds = ['ts', 'mjs', 'cjs', 'js', 'css', 'html'];

let tree: PlantedTree;

beforeAll(() => {
  tree = createPlantedTree();
});

afterAll(() => tree.remove());

test('the planted tree is clean at first, and its files are read', async () => {
  const { files, problems } = await styleProblems(tree.dir);
  expect(problems).toEqual([]);
  expect(files).toBeGreaterThan(5);
});

test.each(kinds)('a .%s file of 401 lines and a line of 101 columns are found', async (kind) => {
  const file = `scanner/src/page/long.${kind}`;
  tree.plant(file, `${'\n'.repeat(400)}${'x'.repeat(101)}\n`);
  const { problems } = await styleProblems(tree.dir);
  expect(problems).toContain(`${file}: 401 lines, over 400`);
  expect(problems).toContain(`${file}:401: 101 columns, over 100`);
});

test('400 lines and 100 columns are allowed; columns are characters, not bytes', async () => {
  const file = 'scanner/src/page/limit.ts';
  tree.plant(file, `${'\n'.repeat(399)}${'é'.repeat(100)}\n`);
  const { problems } = await styleProblems(tree.dir);
  expect(problems.filter((problem) => problem.startsWith(file))).toEqual([]);
});
