import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { silentLogger } from '@foyer/platform/node';
import {
  makeTempDir,
  makeTestCa,
  removeTempDir,
  startPostgres,
  type TestPostgres,
} from '@foyer/platform/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openStore } from './database.ts';

let dir = '';
let postgres: TestPostgres;

const at = (file: string): string => join(dir, file);

beforeAll(async () => {
  dir = makeTempDir('postgres-tls');
  const ca = makeTestCa('database');
  const { cert, key } = ca.issue('localhost', 'foyer');
  writeFileSync(at('server.crt'), cert);
  writeFileSync(at('server.key'), key, { mode: 0o600 });
  writeFileSync(at('ca.crt'), ca.ca);
  writeFileSync(at('other-ca.crt'), makeTestCa('another').ca);
  // As root the server runs under a user of its own, and its key must be that user's.
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'postgres', dir]);
  postgres = await startPostgres([
    'ssl=on',
    `ssl_cert_file=${at('server.crt')}`,
    `ssl_key_file=${at('server.key')}`,
  ]);
}, 60_000);

afterAll(async () => {
  await postgres.stop();
  removeTempDir(dir);
});

const urlWith = (ca: string): string =>
  `${postgres.url.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${at(ca)}`;

test('a database over TLS, its certificate verified by name and authority', async () => {
  const store = await openStore({ kind: 'postgres', url: urlWith('ca.crt') }, silentLogger());
  try {
    const result = await sql<{ ssl: boolean }>`SELECT ssl FROM pg_stat_ssl
      WHERE pid = pg_backend_pid()`.execute(store.db);
    expect(result.rows).toEqual([{ ssl: true }]);
  } finally {
    await store.close();
  }
}, 60_000);

test('a database with a certificate of another authority is not spoken to', async () => {
  const url = urlWith('other-ca.crt');
  await expect(openStore({ kind: 'postgres', url }, silentLogger())).rejects.toThrow(/certificate/);
}, 60_000);
