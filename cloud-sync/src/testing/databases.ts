import { join } from 'node:path';

import {
  makeTempDir,
  removeTempDir,
  startPostgres,
  type TestPostgres,
} from '@foyer/platform/testing';
import { SimRandom } from '@foyer/platform/sim';
import pg from 'pg';

import type { DatabaseConfig, DatabaseKind } from '../adapters/store/database.ts';

/** Both databases: every suite of the cloud end runs on each. */
export const databaseKinds: readonly DatabaseKind[] = ['sqlite', 'postgres'];

/** Fresh databases of one kind for the tests of one file. */
export interface TestDatabases {
  /**
   * An empty database. On PostgreSQL it is one that an earlier test, which has ended, left behind,
   * emptied; a `fresh` one is made for a test that changes its schema.
   */
  make(fresh?: boolean): Promise<DatabaseConfig>;
  stop(): Promise<void>;
}

async function query(url: string, text: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<unknown[]>({ text, rowMode: 'array' });
    return result.rows;
  } finally {
    await client.end();
  }
}

async function createDatabase(url: string, name: string): Promise<string> {
  await query(url, `CREATE DATABASE ${name}`);
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

async function emptyDatabase(url: string): Promise<void> {
  const tables = await query(
    url,
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'",
  );
  if (tables.length > 0) await query(url, `TRUNCATE ${tables.join(', ')}`);
}

/** Starts what the kind needs; for PostgreSQL a private server, or a clear failure. */
export async function startDatabases(kind: DatabaseKind): Promise<TestDatabases> {
  let count = 0;
  if (kind === 'sqlite') {
    const dir = makeTempDir('cloud');
    return {
      make: () => {
        count += 1;
        return Promise.resolve({ kind, path: join(dir, `cloud-${count}.db`) });
      },
      stop: () => {
        removeTempDir(dir);
        return Promise.resolve();
      },
    };
  }
  // These tests are of transactions, not of power cuts: without fsync they take a third of the
  // time.
  const server: TestPostgres = await startPostgres(['fsync=off', 'deadlock_timeout=100ms']);
  let used: string | undefined;
  return {
    make: async (fresh = false) => {
      if (used !== undefined && !fresh) {
        await emptyDatabase(used);
        return { kind, url: used, poolSize: 12 };
      }
      count += 1;
      const url = await createDatabase(server.url, `cloud_${count}`);
      if (!fresh) used = url;
      return { kind, url, poolSize: 12 };
    },
    stop: () => server.stop(),
  };
}

/** Randomness of a test: never the same bytes twice within a process. */
let seeds = 1;
export function testRandom(): SimRandom {
  seeds += 1;
  return new SimRandom(seeds * 1_000_003 + process.pid);
}
