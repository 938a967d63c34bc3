import { afterEach, expect, test } from 'vitest';

import { upTopic } from '@foyer/contracts';
import mqtt from 'mqtt';

import { describeLink, type LinkPair } from '../../conformance/link.ts';
import { ioTCoreLimits } from '../../limits.ts';
import { startAedes } from '../../testing/aedes.ts';
import { issueNode, makeTestCa } from '../../testing/certificates.ts';
import { waitFor } from '../../testing/cleanup.ts';
import { startMosquitto, type TestBroker } from '../../testing/mosquitto.ts';
import { mqttCloudLink, mqttLink, type MqttSettings } from './link.ts';

const backoff = { baseMs: 20, capMs: 100 };

/** A node as `one`, the cloud as `other`, a real broker between them. */
async function pairOn(broker: TestBroker, extra: Partial<MqttSettings> = {}): Promise<LinkPair> {
  const common = { url: broker.url, backoff, ...extra };
  const one = mqttLink({ ...common, theatreNo: 7, nodeId: 'theatre' });
  const other = mqttCloudLink({ ...common, sharedSubscription: false });
  await waitFor('the cloud to listen', () => other.connected);
  return {
    one,
    other,
    oneName: '7/theatre',
    otherName: 'cloud',
    until: (what, condition) => waitFor(what, condition, 20_000),
    cut: () => broker.kill(),
    mend: () => broker.start(),
    async dispose() {
      await one.close();
      await other.close();
      await broker.stop();
    },
  };
}

describeLink('MQTT over Mosquitto', async () => pairOn(await startMosquitto()));
describeLink('MQTT over aedes', async () => pairOn(await startAedes()));
const ca = makeTestCa();
const brokerTls = issueNode(ca, 7, 'broker');
const nodeTls = issueNode(ca, 7, 'theatre');
describeLink('MQTT over Mosquitto with mutual TLS', async () =>
  pairOn(await startMosquitto({ tls: brokerTls }), { tls: nodeTls }),
);

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function broker(): Promise<TestBroker> {
  const started = await startMosquitto();
  endings.push(() => started.stop());
  return started;
}

function client(url: string): mqtt.MqttClient {
  const raw = mqtt.connect(url);
  endings.push(() => raw.endAsync(true));
  return raw;
}

test('a topic that names no node is counted and handed on, never a crash', async () => {
  const { url } = await broker();
  const strays: string[] = [];
  const cloud = mqttCloudLink({
    url,
    sharedSubscription: false,
    onStray: (topic) => strays.push(topic),
  });
  endings.push(() => cloud.close());
  await waitFor('the cloud', () => cloud.connected);
  const raw = client(url);
  for (const topic of ['foyer/1/0/theatre/up', 'foyer/1/99999/x/up', 'foyer/1/1/NOT-A-NODE/up']) {
    await raw.publishAsync(topic, Buffer.from([0xff]), { qos: 1 });
  }
  await waitFor('the strays', () => strays.length === 3);
  expect(cloud.strays).toBe(3);
  expect(cloud.peers()).toEqual([]);
});

test('a payload for all of a theatre reaches its nodes and no other theatre', async () => {
  const { url } = await broker();
  const heard: string[] = [];
  const nodes = [
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
  ] as const;
  const links = nodes.map(([theatreNo, nodeId]) => {
    const link = mqttLink({ url, theatreNo, nodeId });
    link.onPayload((peer) => heard.push(`${peer} to ${theatreNo}/${nodeId}`));
    endings.push(() => link.close());
    return link;
  });
  const cloud = mqttCloudLink({ url, sharedSubscription: false });
  endings.push(() => cloud.close());
  await waitFor('all', () => cloud.connected && links.every((link) => link.connected));
  expect(cloud.send('1/all', Buffer.from('hint'))).toBe(true);
  expect(cloud.send('2/a', Buffer.from('x'))).toBe(true);
  expect(cloud.send('70000/a', Buffer.from('x'))).toBe(false);
  await waitFor('three', () => heard.length === 3);
  expect(heard.toSorted((a, b) => a.localeCompare(b))).toEqual([
    'cloud to 1/a',
    'cloud to 1/b',
    'cloud to 2/a',
  ]);
});

test('workers behind a shared subscription divide the messages', async () => {
  const { url } = await broker();
  const counts = [0, 0];
  const workers = counts.map((_count, n) => {
    const worker = mqttCloudLink({ url, sharedSubscription: true });
    worker.onPayload(() => (counts[n] = (counts[n] ?? 0) + 1));
    endings.push(() => worker.close());
    return worker;
  });
  await waitFor('the workers', () => workers.every((worker) => worker.connected));
  const raw = client(url);
  for (let n = 0; n < 40; n += 1) {
    await raw.publishAsync(upTopic(1, 'theatre'), Buffer.from([n]), { qos: 1 });
  }
  await waitFor('all 40', () => (counts[0] ?? 0) + (counts[1] ?? 0) === 40);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test('no more payloads are under way than the limits allow', async () => {
  const { url } = await broker();
  const limits = { ...ioTCoreLimits, maxInFlight: 5 };
  const node = mqttLink({ url, theatreNo: 1, nodeId: 'theatre', limits });
  endings.push(() => node.close());
  await waitFor('the node', () => node.connected);
  const sent = Array.from({ length: 10 }, () => node.send('cloud', Buffer.from('x')));
  expect(sent.filter(Boolean)).toHaveLength(5);
  await waitFor('confirmations', () => node.send('cloud', Buffer.from('x')));
});

test('a node that falls silent is a peer no more', async () => {
  const { url } = await broker();
  const changes: string[] = [];
  const cloud = mqttCloudLink({ url, sharedSubscription: false, peerHeardMs: 200 });
  cloud.onPeer((peer, connected) => changes.push(`${peer} ${connected}`));
  endings.push(() => cloud.close());
  await waitFor('the cloud', () => cloud.connected);
  await client(url).publishAsync(upTopic(1, 'theatre'), 'x', { qos: 1 });
  await waitFor('its silence', () => changes.length === 2);
  expect(changes).toEqual(['1/theatre true', '1/theatre false']);
  expect(cloud.peers()).toEqual([]);
});

test("a round trip does not wait for Nagle's algorithm", async () => {
  const { url } = await broker();
  const node = mqttLink({ url, theatreNo: 1, nodeId: 'theatre' });
  const cloud = mqttCloudLink({ url, sharedSubscription: false });
  endings.push(
    () => node.close(),
    () => cloud.close(),
  );
  await waitFor('both', () => node.connected && cloud.connected);
  cloud.onPayload((peer, payload) => cloud.send(peer, payload));
  const timesMs: number[] = [];
  let startedMs = 0;
  const ping = (): void => {
    startedMs = performance.now();
    node.send('cloud', Buffer.from('ping'));
  };
  node.onPayload(() => {
    timesMs.push(performance.now() - startedMs);
    // After a pause the acknowledgement of what was sent before is a delayed one: with Nagle's
    // algorithm at either end of a hop, the next payload waits 40 ms for it.
    setTimeout(ping, 3);
  });
  ping();
  await waitFor('30 round trips', () => timesMs.length >= 30);
  expect(timesMs.toSorted((a, b) => a - b)[15]).toBeLessThan(30);
});
