import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { downTopic, echoTopic, isFoyerError, upTopic } from '@foyer/contracts';
import { topicMatches, type TopicClient } from '@foyer/platform';
import { describeLink, describeTopicClient, type LinkPair } from '@foyer/platform/conformance';
import { greengrassWays, loadIpcSdk, NucleusSession } from '@foyer/platform/greengrass';
import { mqttCloudLink, nodeClock, nodeRandom, silentLogger } from '@foyer/platform/node';
import { makeTempDir, startMosquitto, waitFor, type TestBroker } from '@foyer/platform/testing';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';

import type { NucleusKind } from './behaviour.ts';
import { NucleusServices } from './services.ts';

const component = 'com.foyer.EdgeAgent';
const policy = (operation: string, resources: string[]) => ({
  operations: [`aws.greengrass#${operation}`],
  resources,
});
const configuration = {
  accessControl: {
    'aws.greengrass.ipc.mqttproxy': {
      'test:1': policy('PublishToIoTCore', ['foyer/1/7/theatre/*']),
      'test:2': policy('SubscribeToIoTCore', ['foyer/1/7/*']),
    },
  },
};
const quick = { canaryEveryMs: 100, canaryPatienceMs: 400 };
const common = { clock: nodeClock(), random: nodeRandom(), logger: silentLogger() };

const endings: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

interface Box {
  broker: TestBroker;
  nucleus: NucleusServices;
  session: NucleusSession;
  refusals: number;
}

/** A nucleus with one component's session, and a broker beyond. */
async function box(kind: NucleusKind): Promise<Box> {
  const broker = await startMosquitto();
  endings.push(() => broker.stop());
  const dir = makeTempDir('nucleus');
  endings.push(() => rmSync(dir, { recursive: true, force: true }));
  const nucleus = new NucleusServices({
    kind,
    socketPath: join(dir, 'ipc.socket'),
    thingName: 'foyer-7-theatre',
    brokerUrl: broker.url,
    logger: common.logger,
  });
  await nucleus.start();
  endings.push(() => nucleus.close());
  nucleus.configurations.set(component, configuration);
  const made: Box = {
    broker,
    nucleus,
    refusals: 0,
    session: new NucleusSession({
      ...common,
      sdk: await loadIpcSdk(),
      component,
      socketPath: nucleus.socketPath,
      token: nucleus.admit(component),
      backoff: { baseMs: 20, capMs: 100 },
      callTimeoutMs: 1000,
      onRefused: () => {
        made.refusals += 1;
      },
    }),
  };
  endings.push(() => made.session.close());
  await made.session.start();
  return made;
}

async function dispose(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end();
}

async function linkPair(kind: NucleusKind): Promise<LinkPair> {
  const { broker, session } = await box(kind);
  const one = greengrassWays({
    ...common,
    ...quick,
    session,
    nucleus: kind,
    theatreNo: 7,
    nodeId: 'theatre',
  }).openLink();
  endings.push(() => one.close());
  const backoff = { baseMs: 20, capMs: 100 };
  const other = mqttCloudLink({ url: broker.url, backoff, sharedSubscription: false });
  endings.push(() => other.close());
  await waitFor('the cloud to listen', () => other.connected);
  return {
    one,
    other,
    oneName: '7/theatre',
    otherName: 'cloud',
    until: (what, condition) => waitFor(what, condition, 20_000),
    cut: () => broker.kill(),
    mend: () => broker.start(),
    dispose,
  };
}

describeLink('Greengrass IPC, classic nucleus', () => linkPair('classic'));
describeLink('Greengrass IPC, nucleus lite', () => linkPair('lite'));

describeTopicClient('Greengrass IPC, nucleus lite', async () => {
  const { broker, session } = await box('lite');
  const client = greengrassWays({
    ...common,
    ...quick,
    session,
    nucleus: 'lite',
    theatreNo: 7,
    nodeId: 'theatre',
  }).openTopics();
  endings.push(() => client.close());
  await waitFor('the client', () =>
    client.publish('foyer/1/7/theatre/up', Buffer.from('x')).then(
      () => true,
      () => false,
    ),
  );
  const raw = await mqtt.connectAsync(broker.url, { reconnectPeriod: 50 });
  endings.push(() => raw.endAsync(true));
  return {
    client,
    other: brokerClient(raw, client.maxPayloadBytes),
    topic: (path) => `foyer/1/7/theatre/${path}`,
    until: (what, condition) => waitFor(what, condition, 20_000),
    cut: () => broker.kill(),
    mend: () => broker.start(),
    dispose,
  };
});

/** The cloud's side: an MQTT client of the same broker. */
function brokerClient(raw: mqtt.MqttClient, maxPayloadBytes: number): TopicClient {
  return {
    maxPayloadBytes,
    async publish(topic, payload) {
      await raw.publishAsync(topic, Buffer.from(payload), { qos: 1 });
    },
    subscribe(filters, listener) {
      raw.on('message', (topic, payload) => {
        if (filters.some((filter) => topicMatches(filter, topic))) listener.message(topic, payload);
      });
      raw.subscribe([...filters], { qos: 1 }, () => listener.ready?.());
      return { close: () => raw.unsubscribe([...filters]) };
    },
    async close() {
      await raw.endAsync(true);
    },
  };
}

/** A link through the nucleus, what it heard, and the cloud's voice. */
async function linked(kind: NucleusKind) {
  const made = await box(kind);
  const link = greengrassWays({
    ...common,
    ...quick,
    session: made.session,
    nucleus: kind,
    theatreNo: 7,
    nodeId: 'theatre',
  }).openLink();
  endings.push(() => link.close());
  const heard: string[] = [];
  link.onPayload((_peer, payload) => heard.push(Buffer.from(payload).toString()));
  const cloud = await mqtt.connectAsync(made.broker.url);
  endings.push(() => cloud.endAsync(true));
  await waitFor('the link', () => link.peers().length > 0);
  const tell = (text: string) => cloud.publishAsync(downTopic(7, 'theatre'), text, { qos: 1 });
  return { ...made, link, heard, cloud, tell };
}

describe.each(['classic', 'lite'] as const)('a %s nucleus', (kind) => {
  test('subscriptions that died without a word are found out and made again', async () => {
    const { nucleus, heard, tell } = await linked(kind);
    await tell('before');
    await waitFor('the first', () => heard.includes('before'));
    await nucleus.restartDaemons();
    await waitFor('the next', async () => {
      await tell('after');
      return heard.includes('after');
    });
  });

  test('the link is back with the socket, where the token is still known', async () => {
    const { nucleus, link, heard, tell } = await linked(kind);
    await nucleus.server.close();
    await waitFor('the loss', () => link.peers().length === 0);
    expect(link.send('cloud', Buffer.from('x'))).toBe(false);
    await nucleus.server.listen();
    await waitFor('the link again', () => link.peers().length > 0);
    await waitFor('a message', async () => {
      await tell('back');
      return heard.includes('back');
    });
  });

  test('an answer that never comes ends the call in time, and nothing else', async () => {
    const { nucleus, session } = await linked(kind);
    nucleus.server.silent.add('UpdateState');
    const call = session.connection().call('the state', async (client) =>
      client.updateState({
        state: session.sdk.greengrasscoreipc.model.ReportedLifecycleState.RUNNING,
      }),
    );
    await expect(call).rejects.toMatchObject({ code: 'timeout' });
    expect(session.connection().closed).toBe(false);
  });

  test('a topic that accessControl does not name is forbidden', async () => {
    const { session } = await linked(kind);
    const topics = greengrassWays({
      ...common,
      ...quick,
      session,
      nucleus: kind,
      theatreNo: 7,
      nodeId: 'theatre',
    }).openTopics();
    endings.push(() => topics.close());
    await waitFor('the canary', async () => {
      const code = await topics.publish(upTopic(7, 'theatre'), Buffer.from('x')).catch(codeOf);
      return code === undefined;
    });
    expect(await topics.publish(upTopic(8, 'theatre'), Buffer.from('x')).catch(codeOf)).toBe(
      kind === 'classic' ? 'identity-refused' : 'nucleus-refused',
    );
  });
});

const codeOf = (error: unknown): string => (isFoyerError(error) ? error.code : String(error));

test('a classic nucleus that forgot the token refuses it, and the component is told', async () => {
  const made = await box('classic');
  await made.nucleus.stopIpc();
  await made.nucleus.start();
  await waitFor('the refusal', () => made.refusals > 0);
});

test('nucleus lite knows a component by its name when its token is forgotten', async () => {
  const made = await box('lite');
  await made.nucleus.stopIpc();
  await made.nucleus.start();
  await waitFor('the connection', () => {
    try {
      return !made.session.connection().closed;
    } catch {
      return false;
    }
  });
  expect(made.refusals).toBe(0);
});

test('nucleus lite drops what is too large from the cloud, and ends who sends such', async () => {
  const { session, broker } = await box('lite');
  const heard: number[] = [];
  const { QOS } = session.sdk.greengrasscoreipc.model;
  const qos = QOS.AT_LEAST_ONCE;
  const topicName = downTopic(7, 'theatre');
  const connection = session.connection();
  await connection.stream('down', (client) => client.subscribeToIoTCore({ topicName, qos }), {
    message: ({ message }) =>
      heard.push(Buffer.from((message?.payload ?? '') as Buffer).byteLength),
  });
  const cloud = await mqtt.connectAsync(broker.url);
  endings.push(() => cloud.endAsync(true));
  await cloud.publishAsync(topicName, Buffer.alloc(5001), { qos: 1 });
  await cloud.publishAsync(topicName, Buffer.alloc(4864), { qos: 1 });
  await waitFor('the smaller', () => heard.length > 0);
  expect(heard).toEqual([4864]);
  const publish = connection.call('a large publish', async (client) =>
    client.publishToIoTCore({
      topicName: echoTopic(7, 'theatre'),
      qos,
      payload: Buffer.alloc(8000),
    }),
  );
  expect(['timeout', 'link-down']).toContain(await publish.catch(codeOf));
  await waitFor('the end', () => connection.closed);
});

test('JSON that nests deep hangs nucleus lite for everybody', async () => {
  const { session } = await box('lite');
  let deep: object = {};
  for (let level = 0; level < 25; level += 1) deep = { deep };
  const connection = session.connection();
  const hang = connection.call('a deep message', async (client) =>
    client.publishToTopic({ topic: 'x', publishMessage: { jsonMessage: { message: deep } } }),
  );
  await expect(hang).rejects.toMatchObject({ code: 'timeout' });
  const other = connection.call('anything', async (client) =>
    client.getConfiguration({ keyPath: [] }),
  );
  await expect(other).rejects.toMatchObject({ code: 'timeout' });
});
