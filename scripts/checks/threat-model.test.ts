import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { rootDir } from '../bundles.mjs';

const read = (path: string): string => readFileSync(join(rootDir, path), 'utf8');
const page = read('docs/threat-model.md');

interface Threat {
  name: string;
  files: string[];
  tests: { file: string; name: string }[];
}

/** The rows of the table under a heading, each as its cells. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

const paths = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '');

const threats: Threat[] = rowsUnder('Threats').map(([name = '', , where = '', tests = '']) => ({
  name,
  files: paths(where),
  tests: tests.split('<br>').map((one) => {
    const [, file = '', title = ''] = /^`([^`]+)` › (.+)$/.exec(one) ?? [];
    return { file, name: title };
  }),
}));

/** True when a file has a test of this very name. */
function hasTest(file: string, name: string): boolean {
  if (!file.endsWith('.test.ts') || name === '' || !existsSync(join(rootDir, file))) return false;
  const text = read(file);
  return ["'", '"', '`'].some((quote) => text.includes(`(${quote}${name}${quote}, `));
}

test('every threat names code that exists and a test that exists', () => {
  expect(threats.length).toBeGreaterThan(40);
  const wrong = threats.flatMap(({ name, files, tests }) => [
    ...(files.length === 0 ? [`${name}: names no file`] : []),
    ...files.filter((file) => !existsSync(join(rootDir, file))).map((file) => `${name}: ${file}`),
    ...tests
      .filter((one) => !hasTest(one.file, one.name))
      .map((one) => `${name}: no test "${one.name}" in ${one.file}`),
  ]);
  expect(wrong).toEqual([]);
});

test('a test that was renamed is noticed', () => {
  const here = 'scripts/checks/threat-model.test.ts';
  expect(hasTest(here, 'a test that was renamed is noticed')).toBe(true);
  expect(hasTest(here, 'a test that was renamed')).toBe(false);
  expect(hasTest('scripts/checks/no-such.test.ts', 'a test that was renamed is noticed')).toBe(
    false,
  );
});

test('every reason for a refusal is explained, and no other', () => {
  const source = read('cloud-sync/src/engine/domain/refusals.ts');
  const list = source.split('refusalReasons = [')[1]?.split('] as const')[0] ?? '';
  const reasons = [...list.matchAll(/^\s*'([a-z-]+)',$/gm)].map(([, reason]) => reason);
  const explained = rowsUnder('What a refusal is counted as').map(([cell = '']) => paths(cell)[0]);
  expect(reasons.length).toBeGreaterThan(15);
  expect(explained).toEqual(reasons);
});
