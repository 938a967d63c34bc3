import { startPostgres, type TestPostgres } from '@foyer/platform/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openStore } from './database.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);

afterAll(() => postgres.stop());

test('a server that ends a connection fails that transaction, not the worker', async () => {
  const store = await openStore({ kind: 'postgres', url: postgres.url });
  const other = await openStore({ kind: 'postgres', url: postgres.url });
  try {
    const work = store.transaction(async (tx) => {
      const found = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
      await sql`SELECT pg_terminate_backend(${found.rows[0]?.pid})`.execute(other.db);
      // The news arrives while nothing is asked of this connection.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      await sql`SELECT pg_sleep(0)`.execute(other.db);
      await sql`SELECT 1`.execute(tx);
    });
    await expect(work).rejects.toThrow(/connection|terminat/i);
    const after = await store.transaction((tx) => sql<{ n: number }>`SELECT 7 AS n`.execute(tx));
    expect(after.rows).toEqual([{ n: 7 }]);
  } finally {
    await store.close();
    await other.close();
  }
}, 30_000);
