import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import type { DatabaseKind } from '../adapters/store/database.ts';
import { putHouse, startCloud, type TestCloud, type TestCloudOptions } from './cloud.ts';
import { startDatabases, type TestDatabases } from './databases.ts';

const servers = new Map<DatabaseKind, Promise<TestDatabases>>();

/** The databases of a kind, started once for all suites of a file. */
export function sharedDatabases(kind: DatabaseKind): Promise<TestDatabases> {
  let databases = servers.get(kind);
  if (databases === undefined) {
    databases = startDatabases(kind);
    servers.set(kind, databases);
  }
  return databases;
}

/** Ends what `sharedDatabases` started; called once at the top of each file that uses it. */
export function endSharedDatabases(): void {
  afterAll(async () => {
    for (const databases of servers.values()) await (await databases).stop();
    servers.clear();
  });
}

/** A cloud with the test theatre on an empty database, for each test of the suite that calls it. */
export function useCloud(
  kind: DatabaseKind,
  more: Omit<TestCloudOptions, 'database'> = {},
): { readonly it: TestCloud } {
  let databases: TestDatabases | undefined;
  let running: TestCloud | undefined;
  beforeAll(async () => {
    databases = await sharedDatabases(kind);
  });
  beforeEach(async () => {
    if (databases === undefined) throw new Error('The databases did not start.');
    running = await startCloud({ database: await databases.make(), ...more });
    await putHouse(running);
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });
  return {
    get it() {
      if (running === undefined) throw new Error('The cloud runs during a test only.');
      return running;
    },
  };
}
