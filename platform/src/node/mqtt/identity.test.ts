import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { downTopic, everyNode, upTopic } from '@foyer/contracts';
import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { assetFile } from '../../home/index.ts';
import { simLogger } from '../../sim/logger.ts';
import { issueMqttClient, makeTestCa } from '../../testing/certificates.ts';
import { makeTempDir, removeTempDir, waitFor } from '../../testing/cleanup.ts';
import { documentedAcl, startMosquitto, type TestBroker } from '../../testing/mosquitto.ts';
import type { MeshTls } from '../mesh/server.ts';
import { mqttCloudLink, mqttLink, type MqttLink, type MqttSettings } from './link.ts';
import { brokerSettings } from './settings.ts';

const backoff = { baseMs: 20, capMs: 100 };
const ca = makeTestCa('brokers');
const strangers = makeTestCa('strangers');
const tlsOf = {
  broker: ca.issue('localhost', 'foyer'),
  cloud: issueMqttClient(ca, 'cloud'),
  theatre: issueMqttClient(ca, '7/theatre'),
  other: issueMqttClient(ca, '8/theatre'),
};

let dir = '';
let broker: TestBroker;
const endings: (() => Promise<void>)[] = [];

beforeEach(async () => {
  dir = makeTempDir('mqtt-identity');
  const config = ['use_username_as_clientid true'];
  broker = await startMosquitto({ tls: tlsOf.broker, acl: documentedAcl(), config });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await broker.stop();
  removeTempDir(dir);
});

function node(theatreNo: number, extra: Partial<MqttSettings>): MqttLink {
  const link = mqttLink({ url: broker.url, backoff, theatreNo, nodeId: 'theatre', ...extra });
  endings.push(() => link.close());
  return link;
}

function cloud(sharedSubscription: boolean): MqttLink {
  const link = mqttCloudLink({ url: broker.url, backoff, tls: tlsOf.cloud, sharedSubscription });
  endings.push(() => link.close());
  return link;
}

async function rawClient(tls: MeshTls): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(broker.url, { ...tls, reconnectPeriod: 0 });
  endings.push(() => client.endAsync(true));
  return client;
}

function writeFiles(tls: MeshTls): { certPath: string; keyPath: string; caPath: string } {
  const at = (file: string): string => join(dir, file);
  writeFileSync(at('node.key'), tls.key, { mode: 0o600 });
  writeFileSync(at('node.crt'), tls.cert);
  writeFileSync(at('ca.crt'), tls.ca);
  return { certPath: at('node.crt'), keyPath: at('node.key'), caPath: at('ca.crt') };
}

test.each([false, true])('both ways, under the documented ACL (shared: %s)', async (shared) => {
  const up: string[] = [];
  const down: string[] = [];
  const end = cloud(shared);
  end.onPayload((peer, payload) => up.push(`${peer} ${Buffer.from(payload).toString()}`));
  const theatre = node(7, { tls: tlsOf.theatre });
  theatre.onPayload((_peer, payload) => down.push(Buffer.from(payload).toString()));
  await waitFor('both', () => end.connected && theatre.connected);
  theatre.send('cloud', Buffer.from('push'));
  end.send('7/theatre', Buffer.from('ack'));
  end.send('7/all', Buffer.from('hint'));
  await waitFor('all three', () => up.length === 1 && down.length === 2);
  expect(up).toEqual(['7/theatre push']);
  expect(down.toSorted()).toEqual(['ack', 'hint']);
});

test('a node may only speak for itself: under the name of another it is not heard', async () => {
  const heard: string[] = [];
  const end = cloud(false);
  end.onPayload((peer, payload) => heard.push(`${peer} ${Buffer.from(payload).toString()}`));
  await waitFor('the cloud', () => end.connected);
  const rogue = await rawClient(tlsOf.other);
  const forged = [
    upTopic(7, 'theatre'),
    upTopic(8, 'gate-1'),
    downTopic(7, 'theatre'),
    downTopic(7, everyNode),
    downTopic(8, 'theatre'),
  ];
  const victim = node(7, { tls: tlsOf.theatre });
  victim.onPayload((_peer, payload) => heard.push(`down ${Buffer.from(payload).toString()}`));
  await waitFor('the victim', () => victim.connected);
  for (const topic of forged) await rogue.publishAsync(topic, 'forged', { qos: 1 });
  // What it may say comes after what it may not, on the same connection.
  await rogue.publishAsync(upTopic(8, 'theatre'), 'own', { qos: 1 });
  await waitFor('its own words', () => heard.length > 0);
  end.send('7/theatre', Buffer.from('last'));
  await waitFor('the last', () => heard.includes('down last'));
  expect(heard).toEqual(['8/theatre own', 'down last']);
});

test('a node does not end the connection of another by taking its client id', async () => {
  const logger = simLogger();
  const victim = node(7, { tls: tlsOf.theatre, logger });
  await waitFor('the victim', () => victim.connected);
  const clientId = 'foyer-7-theatre';
  const rogue = await mqtt.connectAsync(broker.url, { ...tlsOf.other, clientId });
  endings.push(() => rogue.endAsync(true));
  await rogue.subscribeAsync(downTopic(8, 'theatre'), { qos: 1 });
  expect(victim.send('cloud', Buffer.from('x'))).toBe(true);
  expect(logger.of('broker-lost')).toEqual([]);
});

test('two lines of the ACL keep a node from the broker, whatever its certificate', async () => {
  const page = readFileSync(assetFile('docs/keys.md'), 'utf8');
  const lines = /```acl\n(.*?)```/s.exec(page)?.[1]?.trim().split('\n') ?? [];
  await broker.stop();
  broker = await startMosquitto({ tls: tlsOf.broker, acl: [...documentedAcl(), ...lines] });
  const end = cloud(false);
  const heard: string[] = [];
  end.onPayload((peer) => heard.push(peer));
  const [revoked, other] = [node(7, { tls: tlsOf.theatre }), node(8, { tls: tlsOf.other })];
  await waitFor('all', () => end.connected && revoked.connected && other.connected);
  const got: string[] = [];
  revoked.onPayload((_peer, payload) => got.push(Buffer.from(payload).toString()));
  revoked.send('cloud', Buffer.from('x'));
  end.send('7/theatre', Buffer.from('ack'));
  end.send('8/theatre', Buffer.from('ack'));
  const answered = new Promise<void>((resolve) => other.onPayload(() => resolve()));
  await answered;
  other.send('cloud', Buffer.from('x'));
  await waitFor('the other', () => heard.length > 0);
  expect([heard, got]).toEqual([['8/theatre'], []]);
});

test('a node hears nothing that is for another', async () => {
  const end = cloud(false);
  const rogue = await rawClient(tlsOf.other);
  const heard: string[] = [];
  rogue.on('message', (topic) => heard.push(topic));
  await rogue.subscribeAsync(['foyer/#', '#', downTopic(8, 'theatre')], { qos: 1 });
  await waitFor('the cloud', () => end.connected);
  end.send('7/theatre', Buffer.from('secret'));
  end.send('8/theatre', Buffer.from('own'));
  await waitFor('its own', () => heard.length > 0);
  expect(new Set(heard)).toEqual(new Set([downTopic(8, 'theatre')]));
});

test.each([
  ['no certificate', { ca: ca.ca }],
  ['a certificate of another authority', { ...strangers.issue('7/theatre', 'foyer'), ca: ca.ca }],
])('with %s nobody gets in', async (_what, tls) => {
  const logger = simLogger();
  const link = node(7, { tls, logger });
  await waitFor('two failures', () => logger.of('broker-lost').length >= 2);
  expect(link.connected).toBe(false);
});

test('a broker with a certificate of another authority is not spoken to', async () => {
  const logger = simLogger();
  const link = node(7, { tls: { ...tlsOf.theatre, ca: strangers.ca }, logger });
  await waitFor('the refusal', () => logger.of('broker-lost').length > 0);
  expect(String(logger.of('broker-lost')[0]?.fields.reason)).toMatch(/certificate|verify/i);
  expect(link.connected).toBe(false);
});

test('a certificate that was replaced on disk is shown at the next connection', async () => {
  const logger = simLogger();
  const paths = writeFiles(tlsOf.other);
  const settings = brokerSettings({ url: broker.url, ...paths, limits: 'broker' }, logger);
  const heard: string[] = [];
  const end = cloud(false);
  end.onPayload((peer) => heard.push(peer));
  const link = node(7, settings);
  await waitFor('both', () => link.connected && end.connected);
  link.send('cloud', Buffer.from('refused: this is not 8/theatre'));
  // Half a replacement: the certificate is new, the key is not yet.
  writeFileSync(paths.certPath, tlsOf.theatre.cert);
  await broker.kill();
  await broker.start();
  await waitFor('the former one', () => link.connected && end.connected);
  expect(logger.of('certificates-not-taken').length).toBeGreaterThan(0);
  writeFileSync(paths.keyPath, tlsOf.theatre.key);
  await broker.kill();
  await broker.start();
  await waitFor('a connection', () => link.connected && end.connected);
  await waitFor('the new name', () => {
    link.send('cloud', Buffer.from('x'));
    return heard.length > 0;
  });
  expect(new Set(heard)).toEqual(new Set(['7/theatre']));
});
