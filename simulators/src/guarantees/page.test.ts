import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { expect, test } from 'vitest';

import { laws } from '../checkers/index.ts';
import { figuresFile, pageFile, readFigures } from './files.ts';
import { guaranteesPage } from './page.ts';
import { provingTests } from './tests.ts';

test('the page says what the laws, their docstrings and the kept figures say', () => {
  expect(existsSync(figuresFile())).toBe(true);
  expect(readFileSync(pageFile(), 'utf8')).toBe(guaranteesPage(readFigures()));
});

test('every test that a promise rests on exists under its name', () => {
  const known = new Set(laws.map(({ law }) => law));
  const missing = Object.entries(provingTests).flatMap(([law, tests]) => [
    ...(known.has(law) ? [] : [`no law ${law}`]),
    ...tests
      .filter(({ file, name }) => !readFileSync(join(homeDir(), file), 'utf8').includes(name))
      .map(({ file, name }) => `${file} › ${name}`),
  ]);
  expect(missing).toEqual([]);
});
