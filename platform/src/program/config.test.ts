import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './config.ts';

const schema = z.strictObject({
  name: z.string(),
  listen: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.int().default(0) })
    .prefault({}),
  broker: z.strictObject({ url: z.url() }).optional(),
});

const file = JSON.stringify({ name: 'a', listen: { port: 80 } });

test('a default is overruled by the file, and the file by the environment', () => {
  const { config, values } = loadConfig(schema, {
    FOYER_CONFIG: file,
    FOYER_LISTEN_PORT: '81',
  });
  expect(config).toEqual({ name: 'a', listen: { host: '127.0.0.1', port: 81 } });
  expect(values).toContainEqual({ name: 'name', value: 'a', source: 'file' });
  expect(values).toContainEqual({ name: 'listen.port', value: 81, source: 'environment' });
  expect(values).toContainEqual({ name: 'listen.host', value: '127.0.0.1', source: 'default' });
});

test('names every wrong setting, by its variable where it came from one', () => {
  const load = () =>
    loadConfig(schema, { FOYER_CONFIG: '{"nmae":"a"}', FOYER_LISTEN_PORT: 'eighty' });
  expect(load).toThrow(/nmae/);
  expect(load).toThrow(/FOYER_LISTEN_PORT/);
});

test('says which file is missing or is not JSON', () => {
  expect(() => loadConfig(schema, { FOYER_CONFIG: 'no-such.json' })).toThrow(/no-such\.json/);
  expect(() => loadConfig(schema, { FOYER_CONFIG: '{"name":' })).toThrow(/not JSON/);
});

test('a password in a URL is not shown', () => {
  const { values } = loadConfig(schema, {
    FOYER_CONFIG: file,
    FOYER_BROKER_URL: 'mqtt://user:hunter2@broker:1883',
  });
  expect(JSON.stringify(values)).not.toContain('hunter2');
});

test('nor is one inside an object or a list', () => {
  const nested = z.strictObject({
    database: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('postgres'), url: z.url() }),
    ]),
    others: z.array(z.url()).default([]),
  });
  const { values } = loadConfig(nested, {
    FOYER_DATABASE: '{"kind":"postgres","url":"postgres://foyer:hunter2@db/foyer"}',
    FOYER_OTHERS: '["postgres://db/foyer?user=foyer&password=hunter2&sslmode=verify-full"]',
  });
  expect(JSON.stringify(values)).not.toContain('hunter2');
  expect(JSON.stringify(values)).toContain('password=***&sslmode=verify-full');
});

test('a truth value is set by a variable, too', () => {
  const shared = z.strictObject({ shared: z.boolean().default(false) });
  expect(loadConfig(shared, { FOYER_SHARED: 'true' }).config.shared).toBe(true);
  expect(() => loadConfig(shared, { FOYER_SHARED: 'yes' })).toThrow(/FOYER_SHARED/);
});

test("a component's configuration is above all, and its empty texts are not set", () => {
  const component = {
    name: 'theirs',
    listen: { host: '', port: 82 },
    accessControl: { 'aws.greengrass.ipc.mqttproxy': {} },
  };
  const env = { FOYER_CONFIG: '{"name":"mine"}', FOYER_LISTEN_PORT: '81' };
  const { config, values } = loadConfig(schema, env, component);
  expect(config).toEqual({ name: 'theirs', listen: { host: '127.0.0.1', port: 82 } });
  expect(values).toContainEqual({ name: 'listen.port', value: 82, source: 'component' });
  expect(values).toContainEqual({ name: 'listen.host', value: '127.0.0.1', source: 'default' });
  expect(() => loadConfig(schema, env, { nmae: 'x' })).toThrow(/nmae/);
  expect(() => loadConfig(schema, env, 'x')).toThrow(/no JSON object/);
});
