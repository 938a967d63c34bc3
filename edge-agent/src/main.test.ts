import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ReplicaStore } from '@foyer/cloud-sync/engine';
import { feedTables, verdictSchema, type FeedName } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';
import { openJournal } from '@foyer/platform/node';
import { freePort, makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { provisionNode } from './adapters/provisioning/index.ts';
import { agentMigrations } from './app/storage.ts';
import { codeOf, houseRows, recordOf, theatreNo, ticketRow } from './app/testing/house.ts';

let dir = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = makeTempDir('agent-process');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  removeTempDir(dir);
});

const readySchema = z.object({ ready: z.literal(true), port: z.int(), meshPort: z.int() });

const config = (listenPort = 0) => ({
  node: 'gate-1',
  role: 'gate',
  theatreNo,
  dataDir: join(dir, 'data'),
  listen: { port: listenPort },
  mesh: {
    certPath: join(dir, 'gate-1.crt'),
    keyPath: join(dir, 'gate-1.key'),
    caPath: join(dir, 'theatre-ca.crt'),
  },
});

function run(settings: object, env: Record<string, string> = {}, args: string[] = []) {
  const child = spawn(process.execPath, [bundleFile('agent'), ...args], {
    env: { PATH: process.env['PATH'], FOYER_CONFIG: JSON.stringify(settings), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  return { child, exit };
}

async function serving(settings: object) {
  const { child, exit } = run(settings);
  child.stderr.resume();
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', () => reject(new Error('The agent ended before it was ready.')));
  });
  const { port } = readySchema.parse(JSON.parse(line));
  return { child, exit, url: `http://127.0.0.1:${port}` };
}

async function ask(url: string, n: number) {
  const response = await fetch(`${url}/v1/scans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scanId: randomUUID(), text: codeOf(n) }),
  });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

const reasonOf = (answer: { body: unknown }) => verdictSchema.parse(answer.body).reason;

/** A gate that has its data, as after a sync. */
async function provisionAndFill(tickets: number): Promise<void> {
  await provisionNode({ theatreNo, nodeId: 'gate-1', outDir: dir, nowMs: Date.now() });
  mkdirSync(join(dir, 'data'));
  const path = join(dir, 'data', 'gate.db');
  const journal = openJournal({ path, migrations: agentMigrations });
  const replica = new ReplicaStore(journal);
  const rows = [
    ...houseRows(['gate-1'], Date.now()),
    ...Array.from({ length: tickets }, (_, n) => ticketRow(n)),
  ];
  for (const feed of ['house', 'tickets'] satisfies FeedName[]) {
    const of = rows.filter(([table]) => feedTables[table].feed === feed);
    replica.applyChunk({
      feed,
      epoch: randomUUID(),
      next: of.length,
      mark: '0123456789abcdef',
      floor: 0,
      records: of.map(([table, row], n) => recordOf(table, row, n + 1)),
      nowMs: Date.now(),
    });
  }
  journal.close();
}

/** The lines of a private key. */
const secretLines = (file: string): string[] =>
  readFileSync(join(dir, file), 'utf8')
    .split('\n')
    .filter((line) => line.length > 10 && !line.startsWith('-----'));

test('a wrong setting ends the start with its name and what to do', async () => {
  const { child, exit } = run(config(), { FOYER_LISTEN_PORT: 'seven' });
  const said = await text(child.stderr);
  expect(await exit).toBe(1);
  expect(said).toContain('FOYER_LISTEN_PORT');
  expect(said).toContain('config-invalid');
});

test('a node without its certificate is told to be provisioned', async () => {
  const { child, exit } = run(config());
  const said = await text(child.stderr);
  expect(await exit).toBe(1);
  expect(said).toMatch(/mesh\.certPath.*foyer provision/s);
});

test('a port that is taken is named', async () => {
  await provisionAndFill(1);
  const { url } = await serving(config());
  const settings = { ...config(Number(new URL(url).port)), dataDir: join(dir, 'other') };
  const { child, exit } = run(settings);
  expect(await text(child.stderr)).toMatch(/config-invalid: listen\.port/);
  expect(await exit).toBe(1);
});

test('--print-config tells each value and where it came from', async () => {
  const { child, exit } = run(config(), { FOYER_LOG_LEVEL: 'warn' }, ['--print-config']);
  const lines = (await text(child.stdout)).trim().split('\n');
  expect(await exit).toBe(0);
  expect(lines).toContain('{"name":"log.level","value":"warn","source":"environment"}');
  expect(lines).toContain('{"name":"listen.host","value":"127.0.0.1","source":"default"}');
});

test('a private key that others can read ends the start, and is not told', async () => {
  await provisionAndFill(1);
  chmodSync(join(dir, 'gate-1.key'), 0o644);
  const { child, exit } = run(config());
  const said = await text(child.stderr);
  expect(await exit).toBe(1);
  expect(said).toMatch(/config-invalid: mesh\.keyPath.*mode 0644.*chmod 600/s);
  expect(secretLines('gate-1.key').filter((line) => said.includes(line))).toEqual([]);
});

test("another node's certificate, or that of another role, ends the start", async () => {
  await provisionAndFill(1);
  const other = run({ ...config(), node: 'gate-2' });
  expect(await text(other.child.stderr)).toMatch(/certificate of gate-1 of 1, not of gate-2/);
  expect(await other.exit).toBe(1);
  const screen = run({ ...config(), role: 'screen' });
  expect(await text(screen.child.stderr)).toMatch(/certificate of a gate, and role says screen/);
  expect(await screen.exit).toBe(1);
});

test('nothing that it prints or logs, at debug level too, holds a private key', async () => {
  await provisionAndFill(1);
  const settings = { ...config(), log: { level: 'debug' } };
  const printed = run(settings, {}, ['--print-config']);
  let said = await text(printed.child.stdout);
  const { child, exit } = run(settings);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (said += data.toString()));
  }
  await waitFor('it to serve', () => said.includes('"ready":true'));
  // A key that is replaced by one that does not fit is told of, too.
  writeFileSync(join(dir, 'gate-1.key'), readFileSync(join(dir, 'theatre-ca.key')));
  await waitFor('the new key to be refused', () => said.includes('certificates-not-taken'));
  child.kill('SIGTERM');
  await exit;
  expect(said).toContain('mesh.keyPath');
  const secrets = [...secretLines('gate-1.key'), ...secretLines('theatre-ca.key')];
  expect(secrets.length).toBeGreaterThan(2);
  expect(secrets.filter((line) => said.includes(line))).toEqual([]);
});

test('SIGTERM ends it cleanly, also when it comes twice', async () => {
  await provisionAndFill(1);
  const { child, exit } = await serving(config());
  child.kill('SIGTERM');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('a gate killed with -9 after a green never shows green for it again', async () => {
  await provisionAndFill(3);
  const first = await serving(config());
  expect(verdictSchema.parse((await ask(first.url, 1)).body).colour).toBe('green');
  first.child.kill('SIGKILL');
  await first.exit;
  const second = await serving(config());
  expect(reasonOf(await ask(second.url, 1))).toBe('already-admitted');
  expect(verdictSchema.parse((await ask(second.url, 2)).body).colour).toBe('green');
});

test('a database that is damaged while it runs is set aside, and the gate serves on', async () => {
  await provisionAndFill(5000);
  const { url } = await serving(config(await freePort()));
  const path = join(dir, 'data', 'gate.db');
  const { size } = statSync(path);
  const handle = openSync(path, 'r+');
  const noise = Buffer.alloc(size - 40 * 4096, 0xa5);
  writeSync(handle, noise, 0, noise.length, 40 * 4096);
  closeSync(handle);
  // Another connection's commit makes SQLite forget the pages that it holds in memory.
  const other = openJournal({ path, migrations: agentMigrations });
  other.prepare("INSERT INTO agent_meta VALUES ('test', 1)").run();
  other.close();
  await waitFor('the damage to be met', async () => {
    const answers = await Promise.all([1, 1999, 4998].map((n) => ask(url, n).catch(() => null)));
    return answers.some((answer) => answer === null || answer.status === 503);
  });
  await waitFor('the gate to serve again', async () => {
    const response = await fetch(`${url}/healthz`).catch(() => null);
    const aside = readdirSync(join(dir, 'data')).some((name) => name.includes('.corrupt-'));
    return aside && response?.status === 200;
  });
});
