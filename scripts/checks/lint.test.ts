import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { rootDir } from '../bundles.mjs';
import { createPlantedTree, type PlantedTree } from './planted-tree.ts';

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({ filename: z.string(), code: z.string().optional(), message: z.string() }),
  ),
  number_of_files: z.number(),
});

const longFunction = `export function long(): void {\n${'  void 0;\n'.repeat(70)}}\n`;

const impure: Readonly<Record<string, string>> = {
  'Date.now': 'export const decide = (): number => Date.now();',
  'new Date()': 'export const decide = (): Date => new Date();',
  'Math.random': 'export const decide = (): number => Math.random();',
  setTimeout: 'export const decide = (): unknown => setTimeout(() => undefined, 1);',
  setInterval: 'export const decide = (): unknown => setInterval(() => undefined, 1);',
  setImmediate: 'export const decide = (): unknown => setImmediate(() => undefined);',
  'globalThis.setTimeout': 'export const decide = (): unknown => globalThis.setTimeout(String);',
  'crypto.randomUUID': 'export const decide = (): string => crypto.randomUUID();',
  'an imported randomUUID':
    "import { randomUUID } from 'node:crypto';\nexport const decide = (): string => randomUUID();",
  'an async function': 'export const decide = async (): Promise<number> => 1;',
  'await import': "export const decide = (): unknown => import('zod');",
  'node:fs': "import { statSync } from 'node:fs';\nexport const decide = (): unknown => statSync;",
  'node:http': "import { get } from 'node:http';\nexport const decide = (): unknown => get;",
  'node:child_process':
    "import { spawn } from 'node:child_process';\nexport const decide = (): unknown => spawn;",
};

const others: Readonly<Record<string, readonly [code: string, text: string]>> = {
  'a promise that nobody awaits': [
    'typescript(no-floating-promises)',
    'export function go(): void {\n  Promise.resolve(1);\n}\n',
  ],
  'an explicit any': ['typescript(no-explicit-any)', 'export const loose = (x: any): void => x;\n'],
  'a file of more than 400 lines': ['eslint(max-lines)', 'export {};\n'.repeat(401)],
  'a function of more than 70 lines': ['eslint(max-lines-per-function)', longFunction],
  'what JSON.parse answers, unparsed': [
    'typescript(no-unsafe-return)',
    'export const load = (text: string): { a: number } => JSON.parse(text);\n',
  ],
};

const fileOf = (kind: string, index: number): string =>
  kind === 'impure' ? `scanner/src/domain/i${index}.ts` : `scanner/src/o${index}.ts`;

let tree: PlantedTree;
let codesByFile: Map<string, string[]>;

beforeAll(() => {
  tree = createPlantedTree();
  Object.values(impure).forEach((text, i) => tree.plant(fileOf('impure', i), `${text}\n`));
  Object.values(others).forEach(([, text], i) => tree.plant(fileOf('other', i), text));
  tree.plant('scanner/src/adapters/clock.ts', 'export const nowMs = (): number => Date.now();\n');
  tree.plant(
    'scanner/src/domain/good.ts',
    'export const shown = (nowMs: number): string => new Date(nowMs).toISOString();\n',
  );
  const oxlint = join(rootDir, 'node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(oxlint, ['-f', 'json'], { cwd: tree.dir, encoding: 'utf8' });
  const report = reportSchema.parse(JSON.parse(stdout));
  codesByFile = new Map();
  for (const { filename, code } of report.diagnostics) {
    codesByFile.set(filename, [...(codesByFile.get(filename) ?? []), code ?? '']);
  }
});

afterAll(() => tree.remove());

test.each(Object.keys(impure).map((name, i) => ({ name, file: fileOf('impure', i) })))(
  'domain/ may not use $name',
  ({ file }) => expect(codesByFile.get(file)).toContain('foyer(pure)'),
);

test.each(Object.entries(others).map(([name, [code]], i) => ({ name, code, index: i })))(
  '$name is refused',
  ({ code, index }) => expect(codesByFile.get(fileOf('other', index))).toContain(code),
);

test('an adapter may read the clock, and a decision may format a time it was given', () => {
  expect(codesByFile.get('scanner/src/adapters/clock.ts')).toBeUndefined();
  expect(codesByFile.get('scanner/src/domain/good.ts')).toBeUndefined();
});
