import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { seedTickets } from '@foyer/cloud-sync';
import {
  formatTicketCode,
  packCore,
  statusSchema,
  verdictSchema,
  type FeedRow,
  type Verdict,
} from '@foyer/contracts';
import { provisionMqtt } from '@foyer/edge-agent';
import { bundleFile } from '@foyer/platform/home';
import { ed25519Signer } from '@foyer/platform/node';
import {
  documentedAcl,
  freePort,
  makeTempDir,
  removeTempDir,
  startMosquitto,
  waitFor,
  type TestBroker,
} from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { Program } from '../up/program.ts';
import { meshIdentity, provision } from '../up/provision.ts';
import { theatreNo } from '../world/index.ts';

const nodes = ['theatre', 'gate-1', 'gate-2'] as const;
const gates = ['gate-1', 'gate-2'] as const;
const seeds = [1, 2].map((n) => Buffer.alloc(32, n).toString('base64url'));

let dir = '';
let broker: TestBroker;
let cloud: Program;
const programs: Program[] = [];
const urls = new Map<string, string>();
const sold: { ticketId: string; showNo: number }[] = [];

const at = (...names: string[]): string => join(dir, ...names);
const pem = (file: string): string => readFileSync(at(file), 'utf8');

function program(name: string, bundle: string): Program {
  const made = new Program({ name, file: bundleFile(bundle), dir });
  programs.push(made);
  return made;
}

/** The files of a client of the broker, as `mqtt` settings name them. */
const mqttFiles = (name: string) => ({
  caPath: at('broker-ca.crt'),
  certPath: at(`${name}.mqtt.crt`),
  keyPath: at(`${name}.mqtt.key`),
});

/** Starts the cloud, anew when it runs: as one changes its keys. */
async function startCloud(keyId: number, keys: readonly object[] = []): Promise<void> {
  await cloud.stop();
  await cloud.start({
    database: { kind: 'sqlite', path: at('cloud.db') },
    mqtt: { url: broker.url, ...mqttFiles('cloud') },
    payment: { url: 'http://127.0.0.1:9' },
    apiKey: 'a key for the catalogue',
    signingKeyPath: at(`signing-${keyId}.key`),
    keyId,
    keys,
  });
}

async function startNode(node: string, meshPorts: ReadonlyMap<string, number>): Promise<void> {
  const peers = [...meshPorts].filter(([peer]) => peer !== node);
  const { port } = await program(node, 'agent').start({
    node,
    role: node === 'theatre' ? 'theatre' : 'gate',
    theatreNo,
    dataDir: at(node),
    mesh: {
      listen: { port: meshPorts.get(node) },
      ...meshIdentity(at('certificates'), node),
      peers: Object.fromEntries(peers.map(([peer, to]) => [peer, `wss://127.0.0.1:${to}`])),
    },
    ...(node === 'theatre' ? { mqtt: { url: broker.url, ...mqttFiles(node) } } : {}),
  });
  urls.set(node, `http://127.0.0.1:${port}`);
}

const nodeRow = (nodeId: string): FeedRow<'node'> => ({
  nodeId,
  role: nodeId === 'theatre' ? 'theatre' : 'gate',
  name: nodeId,
  auditoriums: [],
  status: 'active',
  meshUrl: null,
});

beforeEach(async () => {
  dir = makeTempDir('key-change');
  seeds.forEach((seed, n) => writeFileSync(at(`signing-${n + 1}.key`), seed, { mode: 0o600 }));
  const common = { outDir: dir, nowMs: Date.now() };
  await provisionMqtt({ ...common, party: { kind: 'broker', hosts: ['localhost'] } });
  await provisionMqtt({ ...common, party: { kind: 'cloud' } });
  await provisionMqtt({ ...common, party: { kind: 'node', theatreNo, nodeId: 'theatre' } });
  const tls = { ca: pem('broker-ca.crt'), cert: pem('broker.crt'), key: pem('broker.key') };
  broker = await startMosquitto({ tls, acl: documentedAcl() });
  const bookings = await seedTickets({
    database: { kind: 'sqlite', path: at('cloud.db') },
    theatreNo,
    tickets: 60,
    signingKey: seeds[0] ?? '',
    keyId: 1,
    nodes: nodes.map(nodeRow),
  });
  sold.splice(0);
  for (const { showNo, ticketIds } of bookings)
    sold.push(...ticketIds.map((ticketId) => ({ ticketId, showNo })));
  await provision(at('certificates'), nodes);
  cloud = program('cloud', 'cloud');
  await startCloud(1);
  const meshPorts = new Map<string, number>();
  for (const node of nodes) meshPorts.set(node, await freePort());
  await Promise.all(nodes.map((node) => startNode(node, meshPorts)));
}, 120_000);

afterEach(async () => {
  await Promise.all(programs.splice(0).map((one) => one.stop()));
  await broker.stop();
  removeTempDir(dir);
}, 30_000);

/** Scans a ticket that nobody has shown, signed with a key, at a gate. */
async function scan(gate: string, keyId: number): Promise<Verdict> {
  const ticket = sold.pop();
  if (ticket === undefined) throw new Error('Every ticket was shown.');
  const core = packCore({ kind: 'static', keyId, ...ticket });
  const text = formatTicketCode(core, ed25519Signer(seeds[keyId - 1] ?? '').sign(core));
  const response = await fetch(`${urls.get(gate)}/v1/scans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scanId: randomUUID(), text }),
  });
  return verdictSchema.parse(await response.json());
}

/** A gate's cursor in the house feed once it is in step; 0 before. */
async function houseCursor(node: string): Promise<number> {
  const status = statusSchema.parse(await (await fetch(`${urls.get(node)}/v1/status`)).json());
  const rows = status.feeds.find(({ feed }) => feed === 'tickets')?.rows ?? 0;
  const ready = rows > 0 && !status.recovering;
  return ready ? (status.feeds.find(({ feed }) => feed === 'house')?.cursor ?? 0) : 0;
}

const gatesReach = (cursor: number): Promise<void> =>
  waitFor(
    `the gates to reach ${cursor}`,
    async () => {
      const cursors = await Promise.all(gates.map((gate) => houseCursor(gate)));
      return cursors.every((reached) => reached >= cursor);
    },
    60_000,
  );

const reasonsOf = (keyId: number): Promise<string[]> =>
  Promise.all(gates.map(async (gate) => (await scan(gate, keyId)).reason));

test('ticket keys change in a running theatre: cloud, broker, agents over mutual TLS', async () => {
  await gatesReach(1);
  const first = Math.min(...(await Promise.all(gates.map((gate) => houseCursor(gate)))));
  const admitted = [expect.stringMatching(/^admitted/), expect.stringMatching(/^admitted/)];
  expect(await reasonsOf(1)).toEqual(admitted);
  expect(await reasonsOf(2)).toEqual(['forged', 'forged']);
  // The next key is made known before any ticket carries it.
  await startCloud(1, [{ keyId: 2, status: 'active', signingKeyPath: at('signing-2.key') }]);
  await gatesReach(first + 1);
  expect(await reasonsOf(2)).toEqual(admitted);
  // It signs from now on; tickets of the former one still enter, also while the cloud is away.
  await cloud.stop();
  expect(await reasonsOf(1)).toEqual(admitted);
  await startCloud(2, [{ keyId: 1, status: 'retired' }]);
  await gatesReach(first + 2);
  expect([await reasonsOf(1), await reasonsOf(2)]).toEqual([admitted, admitted]);
  // The former one was stolen.
  await startCloud(2, [{ keyId: 1, status: 'revoked' }]);
  await gatesReach(first + 3);
  expect(await reasonsOf(1)).toEqual(['revoked', 'revoked']);
  expect(await reasonsOf(2)).toEqual(admitted);
}, 180_000);
