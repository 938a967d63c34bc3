import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { assetFile } from '@foyer/platform/home';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { startAwsStandIn, type AwsStandIn } from '@foyer/simulators/aws';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { runProgram } from '../program.ts';
import { pageBlocks, saysAs, type Block } from '../testing/page-blocks.ts';

const blocks = pageBlocks(readFileSync(assetFile('docs/deploy.md'), 'utf8'));

let dir = '';
let aws: AwsStandIn;
const home = process.cwd();

beforeAll(async () => {
  dir = makeTempDir('deploy-page');
  aws = await startAwsStandIn();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  process.chdir(dir);
});

afterAll(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  await aws.close();
  removeTempDir(dir);
});

/** Puts there what `foyer recipes build` would, from the recipes; zips hold their names only. */
function build(version: string, out: string): void {
  const recipes = assetFile('greengrass-recipes/recipes');
  for (const file of readdirSync(recipes)) {
    const name = file.replace(/\.json$/, '');
    if (name === 'com.foyer.Models') continue;
    const text = readFileSync(join(recipes, file), 'utf8');
    const zips = new Set([...text.matchAll(/\/([a-z0-9-]+\.zip)"/g)].map(([, zip]) => zip ?? ''));
    const artifacts = join(out, 'artifacts', name, version);
    mkdirSync(artifacts, { recursive: true });
    mkdirSync(join(out, 'recipes'), { recursive: true });
    for (const zip of zips) writeFileSync(join(artifacts, zip), `${zip} of ${version}`);
    const recipe = text.replace(/("ComponentVersion": )"[^"]+"/, `$1"${version}"`);
    writeFileSync(join(out, 'recipes', `${name}-${version}.json`), recipe);
  }
}

/** Every box of every group gets the newest deployment, as its nucleus would report. */
function boxesReport(): void {
  for (const { id, targetArn, input } of aws.world.deployments) {
    const group = targetArn.slice(targetArn.lastIndexOf('/') + 1);
    const wanted = Object.entries(input['components'] ?? {}) as [
      string,
      { componentVersion: string },
    ][];
    for (const thing of aws.world.groups.get(group)?.things ?? []) {
      const components = wanted.map(([name, { componentVersion: version }]) => ({
        name,
        version,
        state: 'RUNNING' as const,
      }));
      const deployment = { id, status: 'COMPLETED' as const };
      aws.world.devices.set(thing, { status: 'HEALTHY', heardMs: 0, components, deployment });
    }
  }
}

/** Runs a line of the page; returns what a person would see. */
async function run(line: string): Promise<string> {
  const [command = ''] = line.split(' > ');
  const words = command.trim().split(/\s+/).slice(2);
  if (words[0] === 'recipes') {
    const [, version, out] = /--version (\S+) --out (\S+)/.exec(command) ?? [];
    if (version !== undefined && out !== undefined) build(version, out);
    return '';
  }
  let seen = '';
  const see = (text: unknown): boolean => {
    seen += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(see);
  vi.spyOn(process.stderr, 'write').mockImplementation(see);
  const code = await runProgram(words);
  vi.restoreAllMocks();
  if (code !== 0) throw new Error(`${line} ended with ${code}:\n${seen}`);
  boxesReport();
  return seen;
}

const isOurs = (line: string): boolean => /^npx foyer (fleet|provision|recipes build) /.test(line);

async function runBlock({ text }: Block): Promise<string> {
  let seen = '';
  for (const line of text.split('\n').filter(isOurs)) seen += await run(line);
  return seen;
}

test('every command of docs/deploy.md works in its turn, and says what the page says', async () => {
  let seen = '';
  let compared = 0;
  for (const block of blocks) {
    if (block.kind === 'sh' && block.text.split('\n').some(isOurs)) seen = await runBlock(block);
    if (block.kind !== 'text' || block.text.startsWith('Scanning')) continue;
    expect(saysAs(block.text, seen), `${block.text}\n--- but it said ---\n${seen}`).toBe(true);
    compared += 1;
  }
  expect(compared).toBe(9);
  expect(aws.violations).toEqual([]);
}, 180_000);

test('the settings that the page shows are those that are written', () => {
  const shown = blocks
    .filter(({ kind, text }) => kind === 'json' && text.includes('"theatreNo": 7'))
    .map(({ text }): unknown => JSON.parse(text));
  const written = ['GATE-1', 'THEATRE'].map((name): unknown =>
    JSON.parse(readFileSync(join(dir, name, 'agent.json'), 'utf8')),
  );
  expect(shown).toEqual(written);
});

test('an output that differs from what the page says is noticed', () => {
  expect(saysAs('1/2 a\n...\nend', '1/2 a\nb\nc\nend\n')).toBe(true);
  expect(saysAs('x (... ms)', 'x (3.1 ms)\n')).toBe(true);
  expect(saysAs('1/2 a\nend', '1/2 a\nb\nend\n')).toBe(false);
  expect(saysAs('1/3 a', '1/2 a\n')).toBe(false);
});
