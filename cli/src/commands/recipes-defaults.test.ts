import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { agentConfigSchema } from '@foyer/edge-agent';
import { recipeSchema } from '@foyer/greengrass-recipes';
import { homeDir } from '@foyer/platform/home';
import { scannerConfigSchema } from '@foyer/scanner';
import { playerConfigSchema } from '@foyer/signage-player';
import { expect, test } from 'vitest';
import type { z } from 'zod';

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The component's own default configuration: without the policies, which are the nucleus's. */
function defaultsOf(component: string): Tree {
  const path = join(homeDir(), 'greengrass-recipes', 'recipes', `${component}.json`);
  const { ComponentConfiguration } = recipeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { accessControl: _, ...own } = ComponentConfiguration?.DefaultConfiguration ?? {};
  return own;
}

/** An empty string is a setting that is not set, and a section of such is none. */
function withoutUnset(tree: Tree): Tree {
  const entries = Object.entries(tree)
    .map(([name, value]) => [name, isTree(value) ? withoutUnset(value) : value] as const)
    .filter(([, value]) => value !== '' && !(isTree(value) && Object.keys(value).length === 0));
  return Object.fromEntries(entries);
}

const merged = (base: Tree, over: Tree): Tree => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(over).map(([name, value]) => {
      const below = base[name];
      return [name, isTree(value) && isTree(below) ? merged(below, value) : value];
    }),
  ),
});

/** Names of all settings in it, dotted. */
const namesIn = (tree: Tree, prefix = ''): string[] =>
  Object.entries(tree).flatMap(([name, value]) =>
    isTree(value) && Object.keys(value).length > 0
      ? namesIn(value, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );

/** Names of all settings of a schema, from the schema itself. */
function namesOf(schema: unknown, prefix = ''): string[] {
  let inner: unknown = schema;
  while (isTree(inner) && isTree(inner['def']) && inner['def']['innerType'] !== undefined) {
    inner = inner['def']['innerType'];
  }
  const shape = isTree(inner) && isTree(inner['def']) ? inner['def']['shape'] : undefined;
  if (!isTree(shape)) return [prefix.slice(0, -1)];
  return Object.entries(shape).flatMap(([name, child]) => namesOf(child, `${prefix}${name}.`));
}

interface Case {
  readonly component: string;
  readonly schema: z.ZodType;
  /** What a deployment must give, and no default can. */
  readonly required: Tree;
}

const cases: readonly Case[] = [
  {
    component: 'com.foyer.EdgeAgent',
    schema: agentConfigSchema,
    required: {
      node: 'gate-1',
      role: 'gate',
      theatreNo: 7,
      // The run step's script names it.
      dataDir: '/work',
      mesh: { certPath: '/a.crt', keyPath: '/a.key', caPath: '/ca.crt' },
    },
  },
  { component: 'com.foyer.Scanner', schema: scannerConfigSchema, required: {} },
  {
    component: 'com.foyer.SignagePlayer',
    schema: playerConfigSchema,
    required: { mediaUrls: ['https://cloud.example'], dataDir: '/work' },
  },
];

test.each(cases)('$component: its program takes the default configuration', (one) => {
  const config = merged(withoutUnset(defaultsOf(one.component)), one.required);
  expect(one.schema.parse(config)).toMatchObject(config);
});

test.each(cases)('$component: the defaults list every setting, and no other', (one) => {
  expect(namesIn(defaultsOf(one.component)).toSorted()).toEqual(namesOf(one.schema).toSorted());
});

test.each(cases)('$component: without what it needs the program refuses', (one) => {
  const config = withoutUnset(defaultsOf(one.component));
  expect(one.schema.safeParse(config).success).toBe(Object.keys(one.required).length === 0);
});
