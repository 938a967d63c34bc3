import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { downTopic, echoTopic, everyNode, upTopic } from '@foyer/contracts';
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
  /** Where a component's default is meant to differ from its program's: ports that are known. */
  readonly own: readonly string[];
  /** What a deployment must give, and no default can. */
  readonly required: Tree;
}

const cases: readonly Case[] = [
  {
    component: 'com.foyer.EdgeAgent',
    schema: agentConfigSchema,
    own: ['listen.port', 'mesh.listen.host', 'mesh.listen.port'],
    required: {
      node: 'gate-1',
      role: 'gate',
      theatreNo: 7,
      // The run step's script names it.
      dataDir: '/work',
      mesh: { certPath: '/a.crt', keyPath: '/a.key', caPath: '/ca.crt' },
    },
  },
  {
    component: 'com.foyer.Scanner',
    schema: scannerConfigSchema,
    own: ['agentUrl', 'listen.port'],
    required: {},
  },
  {
    component: 'com.foyer.SignagePlayer',
    schema: playerConfigSchema,
    own: ['agentUrl', 'listen.port'],
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

test.each(cases)("$component: a default that is given is the program's own", (one) => {
  const given = withoutUnset(defaultsOf(one.component));
  const at = (tree: unknown, path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((inner, part) => (isTree(inner) ? inner[part] : undefined), tree);
  const agentUrl = one.own.includes('agentUrl') ? { agentUrl: 'http://127.0.0.1:1' } : {};
  const program = one.schema.parse({ ...one.required, ...agentUrl });
  const different = namesIn(given).filter(
    (path) => JSON.stringify(at(given, path)) !== JSON.stringify(at(program, path)),
  );
  expect(different.toSorted()).toEqual([...one.own].toSorted());
});

const quoted = (text: string): string => text.replaceAll(/[$.+?()[\]{}|\\^]/g, String.raw`\$&`);

/** What the agent's policies say; `*` stands for any text, as in both nuclei. */
function allows(operation: string, topic: string): boolean {
  const path = join(homeDir(), 'greengrass-recipes', 'recipes', 'com.foyer.EdgeAgent.json');
  const { ComponentConfiguration } = recipeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { accessControl } = ComponentConfiguration?.DefaultConfiguration ?? {};
  const policies = Object.values(accessControl?.['aws.greengrass.ipc.mqttproxy'] ?? {});
  return policies.some(
    ({ operations, resources = [] }) =>
      operations.includes(`aws.greengrass#${operation}`) &&
      resources.some((resource) => {
        const parts = resource.replace('{iot:thingName}', 'box-7').split('*');
        return new RegExp(`^${parts.map(quoted).join('.*')}$`).test(topic);
      }),
  );
}

test.each([
  [upTopic(7, 'theatre'), ['PublishToIoTCore']],
  [downTopic(7, 'theatre'), ['SubscribeToIoTCore']],
  [downTopic(7, everyNode), ['SubscribeToIoTCore']],
  [echoTopic(7, 'theatre'), ['PublishToIoTCore', 'SubscribeToIoTCore']],
  ['$aws/things/box-7/shadow/name/foyer/update', ['PublishToIoTCore', 'SubscribeToIoTCore']],
  ['$aws/things/box-7/jobs/notify-next', ['PublishToIoTCore', 'SubscribeToIoTCore']],
  ['$aws/things/box-8/jobs/notify-next', []],
  ['$aws/things/box-7/shadow/name/other/update', []],
  ['shop/7/theatre/up', []],
  ['foyer/2/7/theatre/up', []],
])('on %s the agent may %j', (topic, allowed) => {
  const operations = ['PublishToIoTCore', 'SubscribeToIoTCore'];
  expect(operations.filter((operation) => allows(operation, topic))).toEqual(allowed);
});

test.each(cases)('$component: without what it needs the program refuses', (one) => {
  const config = withoutUnset(defaultsOf(one.component));
  expect(one.schema.safeParse(config).success).toBe(Object.keys(one.required).length === 0);
});
