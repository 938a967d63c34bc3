import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { mqttCloudLink, mqttLink } from '../node/mqtt/link.ts';
import { waitFor } from './cleanup.ts';
import { startAedes } from './aedes.ts';
import { startMosquitto } from './mosquitto.ts';
import { startPostgres } from './postgres.ts';

test.each([
  ['Mosquitto', startMosquitto],
  ['aedes', startAedes],
] as const)(
  '%s can be killed and started again on its port, and links return',
  async (_n, start) => {
    const broker = await start();
    const node = mqttLink({ url: broker.url, theatreNo: 1, nodeId: 'theatre' });
    const cloud = mqttCloudLink({ url: broker.url, sharedSubscription: false });
    try {
      await waitFor('both', () => node.connected && cloud.connected);
      await broker.kill();
      await waitFor('neither', () => !node.connected && !cloud.connected);
      await broker.start();
      await waitFor('both again', () => node.connected && cloud.connected);
    } finally {
      await node.close();
      await cloud.close();
      await broker.stop();
    }
  },
);

test('a private PostgreSQL starts, and leaves nothing behind', async () => {
  const postgres = await startPostgres();
  await postgres.stop();
  expect(postgres.url).toMatch(/^postgres:/);
});

test('PostgreSQL that was killed starts again on its port with what was committed', async () => {
  const postgres = await startPostgres();
  const ask = (sql: string): string =>
    execFileSync('psql', [postgres.url, '-Atc', sql], { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    ask('CREATE TABLE kept AS SELECT 7 AS number');
    await postgres.kill();
    expect(() => ask('SELECT 1')).toThrow('psql');
    await postgres.start();
    expect(ask('SELECT number FROM kept')).toBe('7');
  } finally {
    await postgres.stop();
  }
}, 60_000);
