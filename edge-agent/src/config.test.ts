import { expect, test } from 'vitest';
import { loadAgentConfig } from './config.ts';

const gate = {
  node: 'gate-1',
  role: 'gate',
  theatreNo: 1,
  dataDir: '/var/lib/foyer',
  mesh: { certPath: 'a.crt', keyPath: 'a.key', caPath: 'ca.crt' },
};

const load = (file: object, env: Record<string, string> = {}) =>
  loadAgentConfig({ FOYER_CONFIG: JSON.stringify(file), ...env });

test('the environment wins over the file, the file over the default, and each says so', () => {
  const { config, values } = load(
    { ...gate, listen: { port: 7001 } },
    { FOYER_NODE: 'gate-2', FOYER_LOG_LEVEL: 'warn' },
  );
  expect(config.node).toBe('gate-2');
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 7001 });
  const sources = new Map(values.map(({ name, source }) => [name, source]));
  expect(sources.get('node')).toBe('environment');
  expect(sources.get('listen.port')).toBe('file');
  expect(sources.get('listen.host')).toBe('default');
});

test('a wrong value is refused by its name', () => {
  expect(() => load({ ...gate, role: 'usher' })).toThrow(/role/);
  expect(() => load(gate, { FOYER_LISTEN_PORT: '99999' })).toThrow(/FOYER_LISTEN_PORT/);
  expect(() => load({ ...gate, mesh: { ...gate.mesh, keyPath: undefined } })).toThrow(/keyPath/);
  expect(() => load({ ...gate, lisen: {} })).toThrow(/lisen/);
});

test('the local API listens on loopback only', () => {
  expect(() => load({ ...gate, listen: { host: '0.0.0.0' } })).toThrow(/listen.host.*loopback/);
});

test('only a theatre agent talks to the cloud', () => {
  const mqtt = { url: 'mqtt://127.0.0.1:1883' };
  expect(() => load({ ...gate, mqtt })).toThrow(/mqtt.url/);
  expect(load({ ...gate, role: 'theatre', mqtt }).config.mqtt).toMatchObject(mqtt);
});
