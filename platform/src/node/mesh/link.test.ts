import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { describeLink } from '../../conformance/link.ts';
import { simLogger } from '../../sim/logger.ts';
import { issueNode, makeTestCa } from '../../testing/certificates.ts';
import { waitFor } from '../../testing/cleanup.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { meshLink, type MeshLink, type MeshOptions, type MeshTls } from './link.ts';

const ca = makeTestCa();
const identities = new Map<string, MeshTls>();
afterAll(() => identities.clear());

function identity(nodeId: string): MeshTls {
  const known = identities.get(nodeId) ?? issueNode(ca, 1, nodeId);
  identities.set(nodeId, known);
  return known;
}

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function node(nodeId: string, options: Partial<MeshOptions> = {}): Promise<MeshLink> {
  const link = await meshLink({
    theatreNo: 1,
    nodeId,
    listen: { host: '127.0.0.1', port: 0 },
    tls: identity(nodeId),
    ...options,
  });
  endings.push(() => link.close());
  return link;
}

function urlOf(link: { port: number }): string {
  return `wss://127.0.0.1:${link.port}`;
}

describeLink('WebSocket mesh', async () => {
  const one = await node('gate-1');
  const other = await node('gate-2');
  const toOne = await startTcpProxy(one.port);
  const toOther = await startTcpProxy(other.port);
  one.setPeers({ 'gate-2': urlOf(toOther) });
  other.setPeers({ 'gate-1': urlOf(toOne) });
  return {
    one,
    other,
    oneName: 'gate-1',
    otherName: 'gate-2',
    until: (what, condition) => waitFor(what, condition, 20_000),
    cut: () => Promise.resolve([toOne, toOther].forEach((proxy) => proxy.cut())),
    mend: () => Promise.resolve([toOne, toOther].forEach((proxy) => proxy.mend())),
    async dispose() {
      await one.close();
      await other.close();
      await toOne.close();
      await toOther.close();
    },
  };
});

describe('mesh: who gets in', () => {
  test('a certificate of another CA is turned away', async () => {
    const logger = simLogger();
    const gate = await node('gate-1', { logger });
    await node('gate-2', {
      tls: issueNode(makeTestCa('another'), 1, 'gate-2'),
      peers: { 'gate-1': urlOf(gate) },
    });
    await waitFor('the refusal', () => logger.of('mesh-peer-refused').length > 0);
    expect(gate.peers()).toEqual([]);
  });

  test('a node of another theatre is turned away by both ends', async () => {
    const logger = simLogger();
    const gate = await node('gate-1', { logger });
    const stranger = simLogger();
    await node('gate-2', {
      theatreNo: 2,
      tls: issueNode(ca, 2, 'gate-2'),
      peers: { 'gate-1': urlOf(gate) },
      logger: stranger,
    });
    await waitFor('the dial to fail', () => stranger.of('mesh-dial-failed').length > 0);
    expect(String(stranger.of('mesh-dial-failed')[0]?.fields.reason)).toMatch(/not gate-1 of/);
    // The server's own check: a client that dials without looking at whom it reached.
    await node('gate-3', {
      theatreNo: 1,
      tls: issueNode(ca, 2, 'gate-3'),
      peers: { 'gate-1': urlOf(gate) },
    });
    await waitFor('the refusal', () =>
      logger.of('mesh-peer-refused').some(({ fields }) => fields.reason === 'a node of theatre 2'),
    );
    expect(gate.peers()).toEqual([]);
  });

  test('an address where another node answers is not believed', async () => {
    const logger = simLogger();
    const third = await node('gate-3');
    const gate = await node('gate-1', { peers: { 'gate-2': urlOf(third) }, logger });
    await waitFor('the dial to fail', () => logger.of('mesh-dial-failed').length > 0);
    expect(gate.peers()).toEqual([]);
    expect(third.peers()).toEqual([]);
  });

  test('a revoked node is cut off, and let in again only when it is allowed again', async () => {
    let allowed = true;
    const gate = await node('gate-1', { isAllowed: () => allowed, pingMs: 50 });
    const other = await node('gate-2', { peers: { 'gate-1': urlOf(gate) } });
    await waitFor('the connection', () => gate.peers().includes('gate-2'));
    allowed = false;
    await waitFor('the cut', () => gate.peers().length === 0 && other.peers().length === 0);
    allowed = true;
    await waitFor('the connection again', () => gate.peers().includes('gate-2'));
  });

  test('a node with our own certificate is refused: there can be only one', async () => {
    const logger = simLogger();
    const gate = await node('gate-1', { logger });
    const clone = await node('gate-1');
    clone.setPeers({ 'gate-1': urlOf(gate), 'gate-2': urlOf(gate) });
    expect(clone.peers()).toEqual([]);
    expect(gate.peers()).toEqual([]);
  });
});

describe('mesh: one connection a pair', () => {
  test('when both dial at once, one connection stays and both ends agree on it', async () => {
    const names = ['gate-1', 'gate-2', 'gate-3', 'gate-4'];
    const loggers = names.map(() => simLogger());
    const links = await Promise.all(names.map((name, n) => node(name, { logger: loggers[n] })));
    const urls = Object.fromEntries(names.map((name, n) => [name, urlOf(links[n]!)]));
    const received = names.map(() => new Set<string>());
    links.forEach((link, n) => link.onPayload((peer) => received[n]?.add(peer)));
    for (const link of links) link.setPeers(urls);
    await waitFor('a full mesh', () => {
      for (const link of links) for (const peer of link.peers()) link.send(peer, Buffer.from('x'));
      return received.every((from) => from.size === 3);
    });
    const connects = (): number[] =>
      loggers.map((logger) => logger.of('mesh-peer-connected').length);
    // Where the second connection came first, the pair changed over once; then nothing moves.
    const settled = connects();
    expect(Math.max(...settled)).toBeLessThanOrEqual(6);
    const seenMs = performance.now();
    await waitFor('two rounds of dialling', () => performance.now() > seenMs + 1000);
    expect(connects()).toEqual(settled);
    expect(links.map((link) => link.peers().length)).toEqual([3, 3, 3, 3]);
  });

  test('a peer that restarted takes the place of its former run', async () => {
    const gate = await node('gate-1');
    const changes: boolean[] = [];
    gate.onPeer((_peer, connected) => changes.push(connected));
    const first = await node('gate-2', { peers: { 'gate-1': urlOf(gate) } });
    await waitFor('the first run', () => gate.peers().includes('gate-2'));
    const second = await node('gate-2', { peers: { 'gate-1': urlOf(gate) } });
    await waitFor('the second run', () => second.peers().includes('gate-1'));
    await first.close();
    const received: string[] = [];
    second.onPayload((_peer, payload) => received.push(Buffer.from(payload).toString()));
    await waitFor('a payload to the second', () => {
      gate.send('gate-2', Buffer.from('hello'));
      return received.length > 0;
    });
    expect(changes.at(-1)).toBe(true);
  });

  test('a peer that comes up later is found, and peers can be set at run time', async () => {
    const gate = await node('gate-1');
    const spare = await startTcpProxy(1);
    const port = spare.port;
    await spare.close();
    gate.setPeers({ 'gate-2': `wss://127.0.0.1:${port}`, 'gate-3': 'not a url' });
    await node('gate-2', { listen: { host: '127.0.0.1', port } });
    await waitFor('the late peer', () => gate.peers().includes('gate-2'));
    const third = await node('gate-3');
    gate.setPeers({ 'gate-3': urlOf(third) });
    await waitFor('the new peer', () => gate.peers().includes('gate-3'));
    expect(gate.peers()).toContain('gate-2');
  });

  test('a port that is taken is a clear error', async () => {
    const gate = await node('gate-1');
    await expect(
      node('gate-2', { listen: { host: '127.0.0.1', port: gate.port } }),
    ).rejects.toMatchObject({ code: 'config-invalid' });
  });
});

test('a cut cable is noticed within three seconds, though no end is told', async () => {
  const gate = await node('gate-1');
  const other = await node('gate-2');
  const cable = await startTcpProxy(gate.port);
  endings.push(() => cable.close());
  other.setPeers({ 'gate-1': urlOf(cable) });
  await waitFor('the connection', () => gate.peers().length > 0 && other.peers().length > 0);
  cable.cut();
  const cutMs = performance.now();
  await waitFor('both to notice', () => gate.peers().length === 0 && other.peers().length === 0);
  expect(performance.now() - cutMs).toBeLessThan(3200);
});
