import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';

import { bundleFile } from '@foyer/platform/home';
import { makeTempDir, makeTestCa, removeTempDir, waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

const apiKey = 'only-for-the-head-office';
const seed = Buffer.alloc(32, 9).toString('base64url');

let dir = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = makeTempDir('cloud-process');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  removeTempDir(dir);
});

function write(name: string, content: string, mode: number): string {
  const path = join(dir, name);
  writeFileSync(path, content, { mode });
  return path;
}

/** A worker; what it says on either stream is gathered. */
function run(settings: object) {
  const config = {
    database: { kind: 'sqlite', path: join(dir, 'cloud.db') },
    payment: { url: 'http://127.0.0.1:9' },
    apiKey,
    keyId: 1,
    log: { level: 'debug' },
    ...settings,
  };
  const child = spawn(process.execPath, [bundleFile('cloud')], {
    env: { PATH: process.env['PATH'], FOYER_CONFIG: JSON.stringify(config) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (said.text += data.toString()));
  }
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  return { said, exit };
}

const statusOf = (port: string, ca: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/v1/theatres', ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('error', reject);
  });

test('with listen.tls it serves HTTPS only, and says no secret at debug level', async () => {
  const ca = makeTestCa();
  const { cert, key } = ca.issue('localhost', 'foyer');
  const tls = { certPath: write('a.crt', cert, 0o644), keyPath: write('a.key', key, 0o600) };
  const { said } = run({
    listen: { tls },
    signingKeyPath: write('signing.key', seed, 0o600),
  });
  await waitFor('it to serve', () => said.text.includes('"ready":true'), 30_000);
  const port = /"ready":true,"port":(\d+)/.exec(said.text)?.[1] ?? '';
  expect(await statusOf(port, ca.ca)).toBe(200);
  await expect(statusOf(port, makeTestCa('another').ca)).rejects.toThrow(/certificate/);
  await expect(fetch(`http://127.0.0.1:${port}/v1/theatres`)).rejects.toThrow('fetch failed');
  expect(said.text).toContain('"name":"apiKey"');
  const secrets = [apiKey, seed, ...key.split('\n').filter((line) => line.length === 64)];
  expect(secrets.length).toBeGreaterThan(3);
  expect(secrets.filter((secret) => said.text.includes(secret))).toEqual([]);
});

test('keys that others can read end the start, and are told without their content', async () => {
  const { said, exit } = run({ signingKeyPath: write('signing.key', seed, 0o644) });
  expect(await exit).toBe(1);
  expect(said.text).toMatch(/config-invalid: signingKeyPath.*mode 0644.*chmod 600/s);
  expect(said.text).not.toContain(seed);
});
