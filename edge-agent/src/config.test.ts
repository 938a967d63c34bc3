import { expect, test } from 'vitest';
import { linkOf, loadAgentConfig } from './config.ts';

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

const theatre = { ...gate, role: 'theatre' };
const mqtt = { url: 'mqtt://127.0.0.1:1883' };
const iotCore = {
  endpoint: 'a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com',
  certPath: 'thing.crt',
  keyPath: 'thing.key',
};
const { endpoint } = iotCore;

test.each([
  ['none', {}],
  ['mqtt', { mqtt }],
  ['iot-core', { iotCore }],
  ['greengrass', { cloudLink: 'greengrass' }],
  ['iot-core-or-greengrass', { cloudLink: 'iot-core-or-greengrass', iotCore }],
  ['iot-core', { iotCore: { endpoint, credentials: 'token-exchange' } }],
])('the way to the cloud: %s', (link, settings) => {
  expect(linkOf(load({ ...theatre, ...settings }).config)).toBe(link);
});

test.each([
  ['cloudLink: choose one', { mqtt, iotCore }],
  ['mqtt.url: cloudLink mqtt needs it', { cloudLink: 'mqtt' }],
  ['iotCore.endpoint: cloudLink iot-core needs it', { cloudLink: 'iot-core' }],
  ['iotCore.endpoint: cloudLink iot-core-or-', { cloudLink: 'iot-core-or-greengrass' }],
  ['mqtt: cloudLink greengrass does not use it', { cloudLink: 'greengrass', mqtt }],
  ['iotCore: neither', { cloudLink: 'greengrass', iotCore }],
  ['iotCore.endpoint: thing.via', { thing: { via: 'iot-core' } }],
  ['iotCore.certPath: is needed', { iotCore: { endpoint } }],
  ['iotCore.keyPath: is not used', { iotCore: { ...iotCore, credentials: 'token-exchange' } }],
  [
    'iotCore.region: is needed',
    { iotCore: { endpoint: 'iot.example.com', credentials: 'token-exchange' } },
  ],
])('a combination that cannot be meant is refused: %s', (message, settings) => {
  expect(() => load({ ...theatre, ...settings })).toThrow(message);
});

test('a gate has no link to the cloud, but a shadow and jobs', () => {
  expect(() => load({ ...gate, cloudLink: 'greengrass' })).toThrow(/only a theatre agent/);
  const config = load({ ...gate, iotCore, thing: { via: 'iot-core' } }).config;
  expect([linkOf(config), config.thing?.via]).toEqual(['none', 'iot-core']);
});
