import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { lintFiles, lintRecipe, ruleNames } from './lint.ts';
import { readOfficialSchema } from './official-schema.ts';

const workspace = fileURLToPath(new URL('../..', import.meta.url));

const good = {
  RecipeFormatVersion: '2020-01-25',
  ComponentName: 'com.example.Thing',
  ComponentVersion: '1.2.3',
  ComponentConfiguration: {
    DefaultConfiguration: {
      level: 'info',
      accessControl: {
        'aws.greengrass.ipc.pubsub': {
          'com.example.Thing:pubsub:1': {
            operations: ['aws.greengrass#SubscribeToTopic'],
            resources: ['foyer/local/*'],
          },
        },
        'aws.greengrass.ipc.mqttproxy': {
          'com.example.Thing:mqttproxy:1': {
            operations: ['aws.greengrass#PublishToIoTCore'],
            resources: ['foyer/1/*/up', '$aws/things/{iot:thingName}/jobs/*'],
          },
        },
      },
    },
  },
  ComponentDependencies: {
    'com.example.Other': { VersionRequirement: '^1.0.0', DependencyType: 'SOFT' },
  },
  Manifests: [
    {
      Platform: { os: 'linux', runtime: '*' },
      Lifecycle: {
        install: 'mkdir -p "{work:path}/data"',
        run: { Script: 'exec node "{artifacts:decompressedPath}/thing/main.mjs"' },
      },
      Artifacts: [
        {
          Uri: 's3://bucket/com.example.Thing/1.2.3/thing.zip',
          Unarchive: 'ZIP',
          Permission: { Read: 'ALL', Execute: 'NONE' },
        },
      ],
    },
  ],
};

type Path = readonly (string | number)[];

const manifest: Path = ['Manifests', 0];
const artifact: Path = [...manifest, 'Artifacts', 0];
const install: Path = [...manifest, 'Lifecycle', 'install'];
const run: Path = [...manifest, 'Lifecycle', 'run'];
const configuration: Path = ['ComponentConfiguration', 'DefaultConfiguration'];
const access: Path = [...configuration, 'accessControl'];
const pubsub: Path = [...access, 'aws.greengrass.ipc.pubsub', 'com.example.Thing:pubsub:1'];
const mqtt: Path = [...access, 'aws.greengrass.ipc.mqttproxy', 'com.example.Thing:mqttproxy:1'];

/** The good recipe with one value put in another's place, or taken out (undefined). */
function changed(path: Path, value: unknown): string {
  const copy: unknown = structuredClone(good);
  const inner = path
    .slice(0, -1)
    .reduce<unknown>((at, part) => Reflect.get(at as object, part), copy);
  Reflect.set(inner as object, path.at(-1) ?? '', value);
  return JSON.stringify(copy);
}

/** The good recipe with a key written otherwise. */
function renamed(path: Path, name: string): string {
  const copy: unknown = structuredClone(good);
  const inner = path
    .slice(0, -1)
    .reduce<unknown>((at, part) => Reflect.get(at as object, part), copy);
  const last = path.at(-1) ?? '';
  Reflect.set(inner as object, name, Reflect.get(inner as object, last));
  Reflect.deleteProperty(inner as object, last);
  return JSON.stringify(copy);
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
const filler = (bytes: number) => 'x'.repeat(bytes);

const wrong: readonly (readonly [rule: string, what: string, recipe: string, at: string])[] = [
  ['json', 'a missing bracket', '{"ComponentName": "x"', '$'],
  ['recipe-format', 'a version that is a range', changed(['ComponentVersion'], '^1.0'), 'Version'],
  ['recipe-format', 'no manifests', changed(['Manifests'], undefined), '$.Manifests'],
  ['recipe-format', 'an unknown key', changed(['Owner'], 'me'), '$.Owner'],
  [
    'recipe-format',
    'a permission of its own',
    changed([...artifact, 'Permission'], { Read: 'ME' }),
    'Read',
  ],
  ['key-case', 'URI', renamed([...artifact, 'Uri'], 'URI'), 'Artifacts[0].URI'],
  ['key-case', 'manifests', renamed(['Manifests'], 'manifests'), '$.manifests'],
  ['key-case', 'script', renamed([...run, 'Script'], 'script'), 'run.script'],
  ['lower-case-steps', 'Run', renamed(run, 'Run'), 'Lifecycle.Run'],
  ['lower-case-steps', 'Install', renamed(install, 'Install'), 'Lifecycle.Install'],
  ['recipe-size', '17 KB', changed([...configuration, 'a'], filler(17_000)), '$'],
  ['lite-recipe-size', '9 KB', changed([...configuration, 'a'], filler(9_000)), '$'],
  ['nesting', '14 levels', changed([...configuration, 'a'], deep(14)), 'DefaultConfiguration'],
  [
    'hard-dependency',
    'HARD',
    changed(['ComponentDependencies', 'a.B'], { VersionRequirement: '^1.0.0' }),
    '["a.B"].DependencyType',
  ],
  ['no-secret', 'a password', changed([...configuration, 'dbPassword'], 'x'), 'dbPassword'],
  ['no-secret', 'a key', changed([...configuration, 'a'], ['-----BEGIN EC KEY-----']), '.a[0]'],
  ['platform-runtime', 'none', changed([...manifest, 'Platform'], { os: 'linux' }), 'runtime'],
  ['platform-runtime', 'no platform', changed([...manifest, 'Platform'], undefined), 'runtime'],
  [
    'platform-runtime',
    'classic only',
    changed([...manifest, 'Platform', 'runtime'], 'aws_nucleus_classic'),
    'runtime',
  ],
  ['artifacts-present', 'none', changed([...manifest, 'Artifacts'], undefined), '[0].Artifacts'],
  ['explicit-permission', 'none', changed([...artifact, 'Permission'], undefined), 'Permission'],
  [
    'explicit-permission',
    'half',
    changed([...artifact, 'Permission'], { Read: 'ALL' }),
    'Permission',
  ],
  ['unarchive-zip', 'a zip kept', changed([...artifact, 'Unarchive'], 'NONE'), 'Unarchive'],
  [
    'artifact-location',
    "another version's",
    changed([...artifact, 'Uri'], 's3://bucket/com.example.Thing/1.2.2/thing.zip'),
    'Uri',
  ],
  ['artifact-location', 'https', changed([...artifact, 'Uri'], 'https://a.example/a.zip'), 'Uri'],
  ['has-lifecycle', 'none', changed([...manifest, 'Lifecycle'], undefined), 'Lifecycle'],
  ['has-lifecycle', 'empty', changed([...manifest, 'Lifecycle'], {}), 'Lifecycle'],
  ['manifest-lifecycle', 'for all', changed(['Lifecycle'], { run: 'true' }), '$.Lifecycle'],
  [
    'unsupported-step',
    'shutdown',
    changed([...manifest, 'Lifecycle', 'shutdown'], 'true'),
    'shutdown',
  ],
  [
    'unsupported-step',
    'recover',
    changed([...manifest, 'Lifecycle', 'recover'], 'true'),
    'recover',
  ],
  ['no-skipif', 'exists', changed([...run, 'Skipif'], 'exists /etc/thing'), 'run.Skipif'],
  ['no-privilege', 'root', changed([...run, 'RequiresPrivilege'], true), 'run.RequiresPrivilege'],
  [
    'cross-component-configuration',
    "another's port",
    changed(install, 'echo {com.example.Other:configuration:/port}'),
    'install',
  ],
  ['script-variable', 'its own level', changed(install, 'echo {configuration:/level}'), 'install'],
  ['script-variable', 'a shell brace', changed(install, 'echo ${HOME}'), 'install'],
  ['script-size', '6 KB', changed(install, `true ${filler(6_000)}`), 'install'],
  ['offline-install', 'npm', changed(install, 'cd x && npm ci'), 'install'],
  ['offline-install', 'apt-get', changed(install, 'apt-get install -y nodejs'), 'install'],
  ['idempotent-install', 'mkdir', changed(install, 'mkdir "{work:path}/data"'), 'install'],
  ['idempotent-install', 'an append', changed(install, 'echo a >> "{work:path}/a"'), 'install'],
  ['pubsub-wildcard', '#', changed([...pubsub, 'resources', 0], 'foyer/local/#'), 'resources[0]'],
  ['pubsub-wildcard', '+', changed([...pubsub, 'resources', 0], 'foyer/+/a'), 'resources[0]'],
  ['wild-operation', '*', changed([...pubsub, 'operations', 0], '*'), 'operations[0]'],
  ['wild-resource', '*', changed([...pubsub, 'resources', 0], '*'), 'resources[0]'],
  ['own-topic', "a stranger's", changed([...mqtt, 'resources', 0], 'shop/1/up'), 'resources[0]'],
  ['own-topic', 'any thing', changed([...mqtt, 'resources', 1], '$aws/things/*/jobs/*'), '[1]'],
  ['resource-escape', '?', changed([...pubsub, 'resources', 0], 'foyer/local/?'), 'resources[0]'],
  [
    'policy-size',
    'a hundred topics',
    changed(
      [...pubsub, 'resources'],
      Array.from({ length: 100 }, (_, n) => `foyer/local/topic-${n}`),
    ),
    '["aws.greengrass.ipc.pubsub"]',
  ],
];

test('a recipe that both nuclei take is fine', () => {
  expect(lintRecipe('good.json', JSON.stringify(good))).toEqual([]);
});

test.each(wrong)('%s finds %s, where it is, and nothing else', (rule, _what, recipe, at) => {
  const findings = lintRecipe('bad.json', recipe);
  expect(findings).toMatchObject([{ file: 'bad.json', rule }]);
  expect(findings[0]?.path).toContain(at);
  expect(findings[0]?.whatToDo).toMatch(/\.$/);
});

test('every rule has a recipe that it refuses', () => {
  const caught = new Set(wrong.map(([rule]) => rule));
  expect(ruleNames.filter((name) => !caught.has(name))).toEqual(['official-schema']);
});

test('the recipes of this project are fine', () => {
  const { files, findings } = lintFiles([workspace]);
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(findings).toEqual([]);
});

test('a directory without a recipe is refused', () => {
  expect(() => lintFiles([join(workspace, 'src/lint')])).toThrow(/no recipe at/);
});

/** Written as AWS writes it: keys in lower case, case-insensitive patterns of Python. */
const schemaInTheirStyle = {
  $schema: 'http://json-schema.org/draft-07/schema',
  type: 'object',
  required: ['componentname'],
  additionalProperties: false,
  properties: {
    componentname: { type: 'string', pattern: '^[a-zA-Z0-9-_.]+$' },
    kind: { type: 'string', pattern: '(?i)^(ZIP|NONE\\.)$' },
  },
};

function withSchema<T>(schema: unknown, use: (path: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-recipe-schema-'));
  try {
    const path = join(dir, 'schema.json');
    writeFileSync(path, JSON.stringify(schema));
    return use(path);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('official-schema takes keys and patterns of either case, and finds what it forbids', () => {
  const check = withSchema(schemaInTheirStyle, readOfficialSchema);
  expect(check({ ComponentName: 'a', Kind: 'Zip' })).toEqual([]);
  expect(check({ ComponentName: 'a', Kind: 'none.' })).toEqual([]);
  expect(check({ ComponentName: 'a', Kind: 'zipp' })).toMatchObject([{ path: '$.kind' }]);
  expect(check({ ComponentName: 'a', Kind: 'nonex' })).toHaveLength(1);
  expect(check({ Owner: 'a' })).toHaveLength(2);
});

test('a file that is no schema is refused by name', () => {
  expect(() => withSchema('text', readOfficialSchema)).toThrow(/schema\.json is not a JSON schema/);
});

const awsSchema = fileURLToPath(
  new URL('../../../../shared/reference/greengrass-recipe.schema.json', import.meta.url),
);
// AWS's schema is not a part of this project: where it is absent, these two are skipped.
const lacksAwsSchema = !existsSync(awsSchema);

test.skipIf(lacksAwsSchema)("the recipes of this project are fine by AWS's schema", () => {
  expect(lintFiles([workspace], awsSchema).findings).toEqual([]);
});

test.skipIf(lacksAwsSchema)("AWS's schema finds what it forbids", () => {
  const official = readOfficialSchema(awsSchema);
  const text = changed([...artifact, 'Permission'], { Read: 'EVERYBODY', Execute: 'none' });
  const found = lintRecipe('bad.json', text, official).filter(
    ({ rule }) => rule === 'official-schema',
  );
  expect(found).toMatchObject([{ path: '$.manifests[0].artifacts[0].permission.read' }]);
  const named = readFileSync(join(workspace, 'recipes/com.foyer.Scanner.json'), 'utf8');
  expect(
    lintRecipe('a.json', named.replace('com.foyer.Scanner"', 'a b"'), official),
  ).toContainEqual(expect.objectContaining({ rule: 'official-schema', path: '$.componentname' }));
});
