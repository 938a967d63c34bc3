import { downTopic, FoyerError, thingName, upTopic } from '@foyer/contracts';
import type { TopicClient } from '@foyer/platform';
import { describeTopicClient } from '@foyer/platform/conformance';
import { iotCoreClient, loadIotSdk, type IotSdk, type Proof } from '@foyer/platform/iot-core';
import { issueMqttClient, makeTestCa, waitFor } from '@foyer/platform/testing';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { IotPolicy } from './policy.ts';
import { startIotCore, type IotCore } from './stand-in.ts';

const ca = makeTestCa('iot core');
const endpointTls = ca.issue('localhost', 'foyer');
const thing = thingName(7, 'theatre');
const certificates = { theatre: issueMqttClient(ca, thing), cloud: issueMqttClient(ca, 'cloud') };
const unknown = issueMqttClient(ca, thing);
const backoff = { baseMs: 20, capMs: 100 };
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdz//EXAMPLE==',
};

const arn = (resource: string): string => `arn:aws:iot:eu-west-1:123456789012:${resource}`;
const allow = (Action: string | string[], ...resources: string[]) =>
  ({ Effect: 'Allow', Action, Resource: resources.map(arn) }) as const;
const everything: IotPolicy = { Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }] };
const ofTheatre: IotPolicy = {
  Statement: [
    allow('iot:Connect', `client/${thing}#*`),
    allow('iot:Publish', `topic/${upTopic(7, 'theatre')}`, 'topic/things/*'),
    allow('iot:Subscribe', `topicfilter/${downTopic(7, 'theatre')}`, 'topicfilter/things/*'),
    allow('iot:Receive', `topic/${downTopic(7, 'theatre')}`, 'topic/things/*'),
  ],
};

let sdk: IotSdk;
let core: IotCore;
const endings: (() => Promise<void>)[] = [];

async function startCore(): Promise<IotCore> {
  return startIotCore({
    tls: endpointTls,
    certificates: [
      { certificate: certificates.theatre.cert, thing, policies: [ofTheatre] },
      { certificate: certificates.cloud.cert, thing: null, policies: [everything] },
    ],
    credentials: [{ ...credentials, thing: null, policies: [ofTheatre] }],
  });
}

function open(on: IotCore, clientId: string, proof: Proof): TopicClient {
  const port = proof.kind === 'x509' ? on.port : on.webSocketPort;
  return iotCoreClient({ sdk, host: on.host, port, clientId, proof: () => proof, backoff });
}

const x509 = (tls: { cert: string; key: string; ca: string }): Proof => ({ kind: 'x509', tls });
const sigv4 = (secretAccessKey = credentials.secretAccessKey): Proof => ({
  kind: 'sigv4',
  region: 'eu-west-1',
  credentials: { ...credentials, secretAccessKey },
  ca: ca.ca,
});

/** Subscribes; answers `ready`, or the code of the refusal. */
async function outcomeOf(client: TopicClient, filter: string): Promise<string> {
  let outcome = '';
  client.subscribe([filter], {
    message() {},
    ready: () => (outcome = 'ready'),
    lost: ({ code }) => (outcome = code),
  });
  await waitFor(`an outcome of ${filter}`, () => outcome !== '');
  return outcome;
}

beforeAll(async () => {
  sdk = await loadIotSdk();
});

for (const [name, proof] of [
  ['X.509', () => x509(certificates.theatre)],
  ['SigV4 over WebSocket', () => sigv4()],
] as const) {
  describeTopicClient(`IoT Core stand-in, ${name}`, async () => {
    const here = await startCore();
    const client = open(here, `${thing}#link`, proof());
    const other = open(here, 'cloud', x509(certificates.cloud));
    await Promise.all([outcomeOf(client, 'things/ready'), outcomeOf(other, 'things/ready')]);
    return {
      client,
      other,
      topic: (path) => `things/${path}`,
      until: (what, condition) => waitFor(what, condition, 20_000),
      cut: () => here.cut(),
      mend: () => here.mend(),
      async dispose() {
        await client.close();
        await other.close();
        await here.stop();
      },
    };
  });
}

beforeEach(async () => {
  core = await startCore();
  endings.push(() => core.stop());
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function connect(clientId: string, proof: Proof): TopicClient {
  const client = open(core, clientId, proof);
  endings.push(() => client.close());
  return client;
}

test('a policy decides on filters, topics and client ids', async () => {
  const theatre = connect(`${thing}#link`, x509(certificates.theatre));
  expect(await outcomeOf(theatre, downTopic(7, 'theatre'))).toBe('ready');
  expect(await outcomeOf(theatre, downTopic(8, 'theatre'))).toBe('identity-refused');
  await theatre.publish(upTopic(7, 'theatre'), Buffer.from('x'));
  const forged = theatre.publish(upTopic(8, 'theatre'), Buffer.from('x'));
  await expect(forged).rejects.toBeInstanceOf(FoyerError);
  const before = core.counts.refused;
  connect(thing, x509(certificates.theatre));
  await waitFor('the refusal', () => core.counts.refused > before);
});

test.each([
  ['an unknown certificate', () => x509(unknown)],
  ['a wrong signature', () => sigv4('wJalrXUtnFEMI/K7MDENG+bPxRfiCYANOTHERKEY')],
])('%s gets no connection', async (_name, proof) => {
  const client = connect(`${thing}#link`, proof());
  let isReady = false;
  client.subscribe(['things/x'], { message() {}, ready: () => (isReady = true) });
  const sound = connect('cloud', x509(certificates.cloud));
  expect(await outcomeOf(sound, 'things/x')).toBe('ready');
  expect(isReady).toBe(false);
});

test('publishes beyond a hundred a second are dropped without a word', async () => {
  const cloud = connect('cloud', x509(certificates.cloud));
  expect(await outcomeOf(cloud, 'things/rate')).toBe('ready');
  // The SDK keeps the rate by itself: twice as many clients as a connection may carry do not.
  const mqtt = await import('mqtt');
  const { cert, key, ca: authority } = certificates.cloud;
  const flood = await mqtt.connectAsync(`mqtts://localhost:${core.port}`, {
    ...{ cert, key, ca: authority, clientId: 'flood', protocolVersion: 5 },
  });
  endings.push(() => flood.endAsync(true));
  for (let n = 0; n < 150; n += 1) flood.publish('things/rate', 'x', { qos: 0 });
  await waitFor('the flood', () => core.counts.discarded >= 50);
  expect(core.counts.publishes).toBeGreaterThanOrEqual(100);
});

test('a payload above 128 KB and a topic of nine levels end the connection', async () => {
  const mqtt = await import('mqtt');
  const { cert, key, ca: authority } = certificates.cloud;
  for (const [topic, size] of [
    ['things/large', 128 * 1024 + 1],
    ['a/b/c/d/e/f/g/h/i', 1],
  ] as const) {
    const raw = await mqtt.connectAsync(`mqtts://localhost:${core.port}`, {
      ...{ cert, key, ca: authority, clientId: 'raw', protocolVersion: 5, reconnectPeriod: 0 },
    });
    endings.push(() => raw.endAsync(true));
    const ended = new Promise<void>((resolve) => raw.once('close', () => resolve()));
    raw.publish(topic, Buffer.alloc(size), { qos: 0 });
    await ended;
  }
  expect(core.counts.ended).toBe(2);
});
