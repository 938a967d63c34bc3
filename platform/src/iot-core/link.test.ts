import { beforeAll, expect, test } from 'vitest';

import { describeLink, type LinkPair } from '../conformance/link.ts';
import { failoverLink } from '../failover-link.ts';
import { ioTCoreLimits } from '../limits.ts';
import type { Link } from '../link.ts';
import { nodeClock } from '../node/clock.ts';
import { mqttCloudLink, mqttLink } from '../node/mqtt/link.ts';
import { simLogger } from '../sim/logger.ts';
import { issueMqttClient, makeTestCa } from '../testing/certificates.ts';
import { waitFor } from '../testing/cleanup.ts';
import { startMosquitto, type TestBroker } from '../testing/mosquitto.ts';
import { topicLink } from '../topic-link.ts';
import { iotCoreClient } from './client.ts';
import { loadIotSdk, type IotSdk } from './sdk.ts';

const backoff = { baseMs: 20, capMs: 100 };
const ca = makeTestCa('iot core');
const brokerTls = ca.issue('localhost', 'foyer');
const cloudTls = issueMqttClient(ca, 'cloud');
const thingTls = issueMqttClient(ca, 'foyer-7-theatre');

let sdk: IotSdk;
beforeAll(async () => {
  sdk = await loadIotSdk();
});

function directLink({ url }: TestBroker): Link {
  const client = iotCoreClient({
    sdk,
    host: 'localhost',
    port: Number(new URL(url).port),
    clientId: 'foyer-7-theatre',
    proof: () => ({ kind: 'x509', tls: thingTls }),
    backoff,
  });
  const logger = simLogger();
  return topicLink({ client, theatreNo: 7, nodeId: 'theatre', limits: ioTCoreLimits, logger });
}

async function pairOn(broker: TestBroker, open: () => Link): Promise<LinkPair> {
  const common = { url: broker.url, backoff, sharedSubscription: false };
  const other = mqttCloudLink({ ...common, tls: cloudTls, limits: ioTCoreLimits });
  await waitFor('the cloud to listen', () => other.connected);
  const one = open();
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

describeLink('IoT Core, direct, over Mosquitto with mutual TLS', async () => {
  const broker = await startMosquitto({ tls: brokerTls });
  return pairOn(broker, () => directLink(broker));
});

describeLink('failover from IoT Core to another way', async () => {
  const broker = await startMosquitto({ tls: brokerTls });
  return pairOn(broker, () =>
    failoverLink({
      first: directLink(broker),
      openSecond: () => {
        const { url } = broker;
        return mqttLink({ url, backoff, tls: thingTls, theatreNo: 7, nodeId: 'theatre' });
      },
      patienceMs: 200,
      soundMs: 200,
      clock: nodeClock(),
      logger: simLogger(),
    }),
  );
});

test("a round trip does not wait for Nagle's algorithm", async () => {
  const broker = await startMosquitto({ tls: brokerTls });
  const pair = await pairOn(broker, () => directLink(broker));
  const timesMs: number[] = [];
  try {
    await pair.until('the node', () => pair.one.peers().length > 0);
    let startedMs = 0;
    const ping = (): void => {
      startedMs = performance.now();
      pair.one.send('cloud', Buffer.from('ping'));
    };
    pair.other.onPayload((peer, payload) => pair.other.send(peer, payload));
    pair.one.onPayload(() => {
      timesMs.push(performance.now() - startedMs);
      // After a pause the acknowledgement of what was sent before is a delayed one.
      setTimeout(ping, 3);
    });
    ping();
    await pair.until('30 round trips', () => timesMs.length >= 30);
  } finally {
    await pair.dispose();
  }
  expect(timesMs.toSorted((a, b) => a - b)[15]).toBeLessThan(30);
});
