import { Egress, payloadBytesFor } from '@foyer/cloud-sync/engine';
import { cloudPeer, type Link, type LinkLimits } from '@foyer/platform';
import { mqttCloudLink, nodeClock } from '@foyer/platform/node';
import { waitFor } from '@foyer/platform/testing';
import { percentile } from '@foyer/simulators';

/** What a link carries when nothing is encoded, stored or acknowledged. */
export interface RawFigures {
  downBytesPerS: number;
  upBytesPerS: number;
  roundTripP50Ms: number;
}

/** A pump runs until it carried so many bytes, or for so long. */
const mostBytes = 16 * 1_048_576;
const pumpMs = 3000;
const pings = 50;
const connectMs = 30_000;

/** Sends random bytes at the pace that the limits allow; bytes a second, as they arrived. */
async function pump(from: Link, peer: string, to: Link, limits: LinkLimits): Promise<number> {
  let received = 0;
  let lastMs = 0;
  to.onPayload((_peer, payload) => {
    received += payload.byteLength;
    lastMs = performance.now();
  });
  const payload = Buffer.alloc(payloadBytesFor(limits, limits.maxPayloadBytes), 7);
  const egress = new Egress(from, nodeClock());
  const startedMs = performance.now();
  let sent = 0;
  egress.stream('feed', peer, 'raw', () => {
    if (sent >= mostBytes || performance.now() - startedMs > pumpMs) return null;
    sent += payload.byteLength;
    return Buffer.from(payload);
  });
  await waitFor('the pump', () => egress.waiting('feed') === 0, pumpMs + connectMs);
  // A link may lose the last ones.
  const settledMs = performance.now();
  await waitFor('what is under way', () => {
    return received >= sent || performance.now() - Math.max(lastMs, settledMs) > 1000;
  });
  egress.close();
  return received / ((lastMs - startedMs) / 1000);
}

async function roundTrips(node: Link, cloud: Link, name: string): Promise<number> {
  const times: number[] = [];
  let sentMs = 0;
  const ping = (): void => {
    sentMs = performance.now();
    node.send(cloudPeer, Buffer.from('ping'));
  };
  cloud.onPayload(() => cloud.send(name, Buffer.from('pong')));
  node.onPayload(() => {
    times.push(performance.now() - sentMs);
    setTimeout(ping, 25);
  });
  ping();
  await waitFor('round trips', () => times.length >= pings, connectMs);
  node.onPayload(() => {});
  return percentile(times, 0.5);
}

/**
 * Measures a node's link with a bare client of the broker at the other end.
 *
 * @param down what may be sent towards the node
 */
export async function measureRaw(
  node: Link,
  name: string,
  brokerUrl: string,
  down: LinkLimits,
): Promise<RawFigures> {
  const cloud = mqttCloudLink({ url: brokerUrl, sharedSubscription: false, limits: down });
  try {
    await waitFor(
      'both ends',
      () => cloud.connected && node.peers().includes(cloudPeer),
      connectMs,
    );
    const roundTripP50Ms = await roundTrips(node, cloud, name);
    const downBytesPerS = await pump(cloud, name, node, down);
    const upBytesPerS = await pump(node, cloudPeer, cloud, node.limits);
    return { downBytesPerS, upBytesPerS, roundTripP50Ms };
  } finally {
    await cloud.close();
    await node.close();
  }
}
