import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { assetFile } from '@foyer/platform/home';
import { makeTempDir, removeTempDir, startAedes, waitFor } from '@foyer/platform/testing';
import { Program, type Ready } from '@foyer/simulators';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { pageBlocks, saysAs } from '../testing/page-blocks.ts';

const blocks = pageBlocks(readFileSync(assetFile('docs/deploy.md'), 'utf8'));
const apiKey = 'CHANGE-ME-32-random-characters--';

let dir = '';
let broker: Awaited<ReturnType<typeof startAedes>>;
const run = promisify(execFile);
const programs: Program[] = [];

beforeAll(async () => {
  dir = makeTempDir('deploy-guest');
  broker = await startAedes();
});

afterAll(async () => {
  for (const program of programs.toReversed()) await program.stop();
  await broker.stop();
  removeTempDir(dir);
});

const settingsSchema = z.looseObject({});

/** A JSON block of the page that holds these words. */
function settings(words: string): Record<string, unknown> {
  const block = blocks.find(({ kind, text }) => kind === 'json' && text.includes(words));
  return settingsSchema.parse(JSON.parse(block?.text ?? 'null'));
}

async function start(name: string, bundle: string, config: object): Promise<Ready> {
  const file = assetFile(`build/bundles/${bundle}.mjs`);
  const program = new Program({ name, file, dir });
  programs.push(program);
  return program.start(config);
}

/** Runs a shell block of the page, with its addresses replaced by those of this test. */
async function shell(
  kind: string,
  before: string,
  replaced: Record<string, string>,
): Promise<void> {
  let text = blocks.find((block) => block.kind === kind)?.text ?? '';
  for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
  await run('bash', ['-c', `set -e\n${before}\n${text}`], { cwd: dir });
}

/** Runs the command as a person does; returns what is seen. */
async function foyer(line: string): Promise<string> {
  const args = [assetFile('cli/bin/foyer.mjs'), ...line.split(' ')];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: dir });
  return stderr + stdout;
}

/** The agent of a box, from the settings that the page shows; its ways to AWS are left out. */
async function agent(name: string, peers: object, cloud: object): Promise<Ready> {
  const {
    cloudLink: _link,
    iotCore: _direct,
    thing: _thing,
    mesh,
    ...own
  } = settings(`"node": "${name}"`);
  const files: [string, unknown][] = Object.entries(settingsSchema.parse(mesh)).map(
    ([key, value]) => [
      key,
      typeof value === 'string' ? value.replace('/etc/foyer', join(dir, name)) : value,
    ],
  );
  return start(name, 'agent', {
    ...own,
    ...cloud,
    dataDir: join(dir, `${name}-data`),
    mesh: { ...Object.fromEntries<unknown>(files), peers },
  });
}

test('the cloud, the catalogue and the boxes of docs/deploy.md admit a guest', async () => {
  for (const name of ['theatre', 'gate-1']) {
    await foyer(`provision --theatre 7 --node ${name} --ca authority --out ${name}`);
  }
  const key = "crypto.randomBytes(32).toString('base64url')";
  await run('bash', ['-c', `umask 077; node -p "${key}" > ${dir}/signing-1.key`]);
  const payment = await start('payment', 'payment', {});
  const cloud = await start('cloud', 'cloud', {
    ...settings('"signingKeyPath"'),
    listen: { host: '127.0.0.1', port: 0 },
    database: { kind: 'sqlite', path: join(dir, 'cloud.db') },
    mqtt: { url: broker.url },
    payment: { url: `http://127.0.0.1:${payment.port}` },
    signingKeyPath: join(dir, 'signing-1.key'),
  });
  const theatre = await agent('theatre', {}, { mqtt: { url: broker.url } });
  const theatreUrl = `wss://127.0.0.1:${theatre.meshPort}`;
  const gate = await agent('gate-1', { theatre: theatreUrl }, {});
  const api = `http://127.0.0.1:${cloud.port}/v1`;
  await shell('sh catalogue', `API_KEY=${apiKey}`, {
    'http://127.0.0.1:8090/v1': api,
    'wss://10.0.7.2:8443': theatreUrl,
    'wss://10.0.7.11:8443': `wss://127.0.0.1:${gate.meshPort}`,
  });
  const gateUrl = `http://127.0.0.1:${gate.port}`;
  await waitFor(
    'the show at the gate, and the theatre as its peer',
    async () => {
      const shows = await (await fetch(`${gateUrl}/v1/shows`)).text();
      const status = await (await fetch(`${gateUrl}/v1/status`)).text();
      return shows.includes('"showNo":1') && /"theatre"/.test(status);
    },
    30_000,
  );
  await shell('sh guest', `API=${api}`, {});
  const scan = `scan --agent ${gateUrl} ticket.png`;
  const shown = blocks.find(({ kind, text }) => kind === 'text' && text.startsWith('Scanning'));
  const seen = await foyer(scan);
  expect(seen).toSatisfy((said: string) => saysAs(shown?.text ?? '', said));
  expect(await foyer(scan)).toContain('red already-admitted');
  await waitFor('the admission in the cloud', async () => {
    const summary = await (await fetch(`${api}/theatres/7/summary`)).text();
    return summary.includes('"admissions":1');
  });
}, 120_000);
