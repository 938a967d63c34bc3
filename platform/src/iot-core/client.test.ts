import { beforeAll } from 'vitest';

import { describeTopicClient, type TopicClientPair } from '../conformance/topic-client.ts';
import { issueMqttClient, makeTestCa } from '../testing/certificates.ts';
import { waitFor } from '../testing/cleanup.ts';
import { startMosquitto } from '../testing/mosquitto.ts';
import type { TopicClient } from '../topic-client.ts';
import { iotCoreClient } from './client.ts';
import { loadIotSdk, type IotSdk } from './sdk.ts';

const backoff = { baseMs: 20, capMs: 100 };
const ca = makeTestCa('iot core');
const brokerTls = ca.issue('localhost', 'foyer');
const thingTls = issueMqttClient(ca, 'thing');

let sdk: IotSdk;
beforeAll(async () => {
  sdk = await loadIotSdk();
});

async function ready(client: TopicClient): Promise<void> {
  let isReady = false;
  const subscription = client.subscribe(['test/ready'], {
    message() {},
    ready: () => (isReady = true),
  });
  await waitFor('the client', () => isReady);
  subscription.close();
}

describeTopicClient(
  'IoT Core over Mosquitto with mutual TLS',
  async (): Promise<TopicClientPair> => {
    const broker = await startMosquitto({ tls: brokerTls });
    const port = Number(new URL(broker.url).port);
    const open = (clientId: string): TopicClient => {
      const proof = () => ({ kind: 'x509', tls: thingTls }) as const;
      return iotCoreClient({ sdk, host: 'localhost', port, clientId, proof, backoff });
    };
    const client = open('thing');
    const other = open('cloud');
    await Promise.all([ready(client), ready(other)]);
    return {
      client,
      other,
      topic: (path) => `things/thing/${path}`,
      until: (what, condition) => waitFor(what, condition, 20_000),
      cut: () => broker.kill(),
      mend: () => broker.start(),
      async dispose() {
        await client.close();
        await other.close();
        await broker.stop();
      },
    };
  },
);
