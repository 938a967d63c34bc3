import { afterAll, beforeAll, expect, test } from 'vitest';

import { rootDir } from '../bundles.mjs';
import { boundaryProblems } from './boundaries.mjs';
import { createPlantedTree, type PlantedTree } from './planted-tree.ts';

interface Violation {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const use = (from: string, name = 'room'): string =>
  `import { ${name} } from '${from}';\nexport const used = ${name};\n`;

const violations: readonly Violation[] = [
  { file: 'contracts/src/a.ts', text: use('@foyer/platform'), rule: 'contracts-imports' },
  { file: 'contracts/src/b.ts', text: use('express', 'json'), rule: 'contracts-use-zod-only' },
  { file: 'contracts/src/c.ts', text: use('node:fs', 'statSync'), rule: 'domain-does-no-io' },
  { file: 'platform/src/a.ts', text: use('@foyer/cloud-sync'), rule: 'platform-imports' },
  { file: 'cloud-sync/src/a.ts', text: use('@foyer/edge-agent'), rule: 'cloud-sync-imports' },
  { file: 'edge-agent/src/a.ts', text: use('@foyer/scanner'), rule: 'edge-agent-imports' },
  {
    file: 'edge-agent/src/b.ts',
    text: use('@foyer/cloud-sync'),
    rule: 'agent-uses-the-engine-only',
  },
  { file: 'scanner/src/a.ts', text: use('@foyer/edge-agent'), rule: 'scanner-imports' },
  { file: 'scanner/src/b.ts', text: use('@foyer/simulators'), rule: 'scanner-imports' },
  {
    file: 'signage-player/src/a.ts',
    text: use('@foyer/scanner'),
    rule: 'signage-player-imports',
  },
  { file: 'simulators/src/a.ts', text: use('@foyer/cli'), rule: 'simulators-imports' },
  { file: 'cli/src/a.ts', text: use('../../contracts/src/index.ts'), rule: 'through-exports' },
  { file: 'cli/src/b.ts', text: use('@foyer/contracts/src/index.ts'), rule: 'resolvable' },
  {
    file: 'scanner/src/domain/a.ts',
    text: use('../adapters/x.ts'),
    rule: 'domain-has-no-adapters',
  },
  { file: 'scanner/src/domain/b.ts', text: use('node:net', 'connect'), rule: 'domain-does-no-io' },
  { file: 'scanner/src/c.ts', text: use('./main.ts'), rule: 'nobody-imports-a-main' },
  { file: 'scanner/src/d.ts', text: use('./e.test.ts'), rule: 'nobody-imports-a-test' },
  { file: 'scanner/src/f.ts', text: use('./g.ts', 'used'), rule: 'no-cycles' },
];

const innocent: Readonly<Record<string, string>> = {
  'scanner/src/adapters/x.ts': 'export const room = 1;\n',
  'scanner/src/main.ts': 'export const room = 1;\n',
  'scanner/src/e.test.ts': 'export const room = 1;\n',
  'scanner/src/g.ts': "export { used } from './f.ts';\n",
  'cloud-sync/src/engine/index.ts': 'export const room = 1;\n',
  'edge-agent/src/good.ts': use('@foyer/cloud-sync/engine'),
  'cli/src/good.ts': use('@foyer/simulators'),
};

let tree: PlantedTree;
let found: Awaited<ReturnType<typeof boundaryProblems>>;

beforeAll(async () => {
  tree = createPlantedTree();
  for (const [file, text] of Object.entries(innocent)) tree.plant(file, text);
  for (const { file, text } of violations) tree.plant(file, text);
  found = await boundaryProblems(tree.dir);
});

afterAll(() => tree.remove());

test.each(violations)('a planted import in $file breaks $rule', ({ file, rule }) => {
  const rules = found.problems.filter(({ from }) => from === file).map((problem) => problem.rule);
  expect(rules).toContain(rule);
});

test('imports that are allowed are left alone', () => {
  const blamed = found.problems.map(({ from }) => from);
  for (const file of ['edge-agent/src/good.ts', 'cli/src/good.ts', 'cli/src/index.ts']) {
    expect(blamed).not.toContain(file);
  }
});

test('the check read the modules of every workspace of this repository', async () => {
  const { modules, workspaces } = await boundaryProblems(rootDir);
  expect(modules).toBeGreaterThan(workspaces);
});
