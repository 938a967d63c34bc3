import { copyFileSync } from 'node:fs';

import {
  bookingOperations,
  downTopic,
  upTopic,
  type Ack,
  type EventBody,
  type FeedRow,
} from '@foyer/contracts';
import { mqttCloudLink, mqttLink, nodeClock, nodeRandom, openJournal } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';
import {
  makeTempDir,
  removeTempDir,
  startMosquitto,
  waitFor,
  type TestBroker,
} from '@foyer/platform/testing';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PublishedKey } from './domain/ports.ts';
import { createSyncNode, encodeFrame, sameDigest, type SyncNode } from './engine/index.ts';
import {
  buy,
  call,
  gateNode,
  putHouse,
  startCloud,
  theatreNo,
  theatreNode,
  type TestCloud,
} from './testing/cloud.ts';

const clock = nodeClock();
const random = nodeRandom();
let broker: TestBroker;
let dir: string;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());
beforeEach(() => {
  dir = makeTempDir('mqtt');
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  removeTempDir(dir);
});

async function startWorker(
  database: string,
  otherKeys: readonly PublishedKey[] = [],
): Promise<TestCloud> {
  const it = await startCloud({
    otherKeys,
    database: { kind: 'sqlite', path: database },
    clock,
    openLink: (onStray) =>
      mqttCloudLink({ url: broker.url, sharedSubscription: false, clock, random, onStray }),
  });
  ends.push(() => it.close());
  return it;
}

/** A theatre agent's sync engine on its own file. */
function startAgent(file: string): SyncNode {
  const journal = openJournal({ path: file, migrations: [] });
  const node = createSyncNode({
    journal,
    clock,
    random,
    logger: simLogger(),
    self: { node: 'theatre', role: 'theatre' },
    apply: () => undefined,
  });
  const link = mqttLink({ url: broker.url, theatreNo, nodeId: 'theatre', clock, random });
  node.addLink({ name: 'wan', link, roleOf: () => 'cloud' });
  node.setUpstream({ link: 'wan', peer: 'cloud' });
  ends.push(async () => {
    await node.close();
    journal.close();
  });
  return node;
}

const statuses = (agent: SyncNode): Map<string, string> => {
  const rows = agent.replica.all('tickets', 'ticket');
  return new Map(
    rows.map((row) => [row.key, String((JSON.parse(row.enc ?? '[]') as unknown[])[5])]),
  );
};

function admissionOf(ticketId: string): EventBody {
  return {
    kind: 'admission',
    right: { ticketId, n: 0 },
    showNo: 1,
    scanId: random.uuid(),
    gate: 'theatre',
    atMs: clock.nowMs(),
    flags: [],
    votes: ['theatre'],
    configEpoch: 1,
  };
}

const bookingsOf = async ({ store }: TestCloud): Promise<number> =>
  (await store.db.selectFrom('booking').select('booking_id').execute()).length;

const summary = (it: TestCloud) =>
  call(it.cloud, bookingOperations.summary, { params: { theatreNo } });

test('a booking reaches the theatre, its admission reaches the booking, exactly once', async () => {
  const it = await startWorker(`${dir}/cloud.db`);
  await putHouse(it);
  const agent = startAgent(`${dir}/theatre.db`);
  await waitFor('the house', () => agent.replica.all('house', 'show').length === 2);
  const sold = await buy(it.cloud, ['A1', 'A2']);
  await waitFor('the tickets', () => statuses(agent).size === 2);
  const ticketId = sold.tickets[0]?.ticketId ?? '';
  expect(statuses(agent).get(ticketId)).toBe('valid');
  agent.events.append(admissionOf(ticketId));
  await waitFor('the admission', async () => (await summary(it)).admissions === 1);
  const ledger = () => agent.status().lanes.find((lane) => lane.lane === 'ledger');
  await waitFor('the acknowledgement', () => ledger()?.durableSeq === 1);
  const { bookingId } = sold;
  const told = await call(it.cloud, bookingOperations.booking, { params: { bookingId } });
  expect(told.tickets.flatMap((ticket) => ticket.admissions)).toMatchObject([{ gate: 'theatre' }]);
  const meta = agent.replica.meta('tickets');
  const row = await it.store.db
    .selectFrom('feed')
    .selectAll()
    .where('feed', '=', 'tickets')
    .executeTakeFirstOrThrow();
  const source = { count: row.row_count, sum: row.row_sum };
  expect(meta?.digest && sameDigest(meta.digest, source)).toBe(true);
});

test('a theatre is told at once of keys that a restart of the cloud changed', async () => {
  const it = await startWorker(`${dir}/cloud.db`);
  await putHouse(it);
  const agent = startAgent(`${dir}/theatre.db`);
  const keys = () => agent.replica.all('house', 'key').length;
  await waitFor('the house', () => keys() === 1);
  await it.close();
  const publicKey = 'k'.repeat(43);
  await startWorker(`${dir}/cloud.db`, [{ keyId: 2, status: 'active', publicKey }]);
  // An agent that hears nothing asks again by itself, but only after 15 to 45 s.
  await waitFor('the second key', () => keys() === 2, 8000);
});

test('a broker that is killed loses nothing', async () => {
  const it = await startWorker(`${dir}/cloud.db`);
  await putHouse(it);
  const agent = startAgent(`${dir}/theatre.db`);
  await waitFor('the house', () => agent.replica.all('house', 'show').length === 2);
  await broker.kill();
  const sold = await buy(it.cloud, ['A1']);
  agent.events.append(admissionOf(sold.tickets[0]?.ticketId ?? ''));
  await broker.start();
  await waitFor('the ticket', () => statuses(agent).size === 1, 30_000);
  await waitFor('the admission', async () => (await summary(it)).admissions === 1, 30_000);
});

test('a restored cloud database begins an epoch; the theatre follows and sends again', async () => {
  const database = `${dir}/cloud.db`;
  const first = await startWorker(database);
  await putHouse(first);
  const agent = startAgent(`${dir}/theatre.db`);
  const kept = await buy(first.cloud, ['A1']);
  await waitFor('the ticket', () => statuses(agent).size === 1);
  await first.close();
  copyFileSync(database, `${dir}/backup.db`);

  const second = await startWorker(database);
  const lost = await buy(second.cloud, ['A2']);
  await waitFor('the second ticket', () => statuses(agent).size === 2);
  const ticketId = lost.tickets[0]?.ticketId ?? '';
  agent.events.append(admissionOf(ticketId));
  await waitFor('the admission', async () => (await summary(second)).admissions === 1);
  const epoch = agent.replica.position('tickets').epoch;
  await second.close();

  const restored = await startWorker(`${dir}/backup.db`);
  const fresh = await buy(restored.cloud, ['A3']);
  const expected = [kept, fresh].map((one) => one.tickets[0]?.ticketId ?? '').sort();
  const holds = () => [...statuses(agent).keys()].sort().join() === expected.join();
  await waitFor('what the restored cloud has', holds, 30_000);
  expect(agent.replica.position('tickets').epoch).not.toBe(epoch);
  // The next event finds the lane behind: what the cloud lost is sent once more.
  agent.events.append(admissionOf(kept.tickets[0]?.ticketId ?? ''));
  await waitFor('both admissions', async () => (await summary(restored)).admissions === 2, 30_000);
});

const pull = encodeFrame({
  type: 'pull',
  feed: 'tickets',
  epoch: null,
  since: 0,
  mark: null,
  credits: 1,
  maxBytes: 10_000,
  accept: ['json'],
  snapshot: null,
});
const forgedAck: Ack = {
  type: 'ack',
  node: 'theatre',
  incarnation: 'a'.repeat(16),
  lane: 'ledger',
  lastSeq: 9,
  durableSeq: 9,
  forked: true,
  rejects: [],
};
const push = (node: string) =>
  encodeFrame({
    type: 'push',
    node,
    incarnation: 'a'.repeat(16),
    lane: 'ledger',
    since: 0,
    prevHash: '0'.repeat(32),
    events: [],
  });

test('a revoked node gets nothing more and is heard no more; each try is counted', async () => {
  const it = await startWorker(`${dir}/cloud.db`);
  await putHouse(it);
  const agent = startAgent(`${dir}/theatre.db`);
  await waitFor('the house', () => agent.replica.all('house', 'show').length === 2);
  const sold = await buy(it.cloud, ['A1']);
  await waitFor('the ticket', () => statuses(agent).size === 1);
  const revoked = { ...theatreNode, status: 'revoked' as const };
  await it.cloud.catalogue.putNodes(theatreNo, { nodes: [revoked, gateNode('gate-1')] });
  const refusedOf = async (type: string): Promise<boolean> => {
    const text = await (await fetch(`${it.cloud.url}/metrics`)).text();
    return text.includes(`_refused_payloads_total{cause="revoked-node",type="${type}"}`);
  };
  // A worker looks its nodes up every 2 s; from then on what they say is refused.
  await waitFor('a pull to be refused', async () => {
    await buy(it.cloud, [`B${(await bookingsOf(it)) + 1}`]);
    return refusedOf('pull');
  });
  const known = statuses(agent).size;
  agent.events.append(admissionOf(sold.tickets[0]?.ticketId ?? ''));
  await waitFor('a push to be refused', () => refusedOf('push'));
  await buy(it.cloud, ['C1']);
  expect((await summary(it)).admissions).toBe(0);
  expect(statuses(agent).size).toBe(known);
});

test('payloads that nobody may send are counted and kept, and stop nothing', async () => {
  const it = await startWorker(`${dir}/cloud.db`);
  await putHouse(it);
  const screen: FeedRow<'node'> = {
    nodeId: 'screen-1',
    role: 'screen',
    name: '',
    auditoriums: [],
    status: 'active',
    meshUrl: null,
  };
  await it.cloud.catalogue.putNodes(theatreNo, {
    nodes: [screen, { ...screen, nodeId: 'theatre', role: 'theatre' }],
  });
  const client = await mqtt.connectAsync(broker.url);
  ends.push(() => client.endAsync(true));
  const heard: string[] = [];
  client.on('message', (topic) => heard.push(topic));
  await client.subscribeAsync(downTopic(theatreNo, 'screen-1'));
  const send = async (topic: string, payload: Uint8Array | string) => {
    await client.publishAsync(topic, typeof payload === 'string' ? payload : Buffer.from(payload));
  };
  const damaged = Buffer.from(pull);
  damaged[20] = (damaged[20] ?? 0) ^ 0xff;
  await send(upTopic(theatreNo, 'theatre'), 'short');
  await send(upTopic(theatreNo, 'theatre'), damaged);
  await send(upTopic(theatreNo, 'theatre'), Uint8Array.of(99, 0, 0, 0, 0, 0, 1, 2));
  await send(upTopic(theatreNo, 'screen-1'), pull);
  await send(upTopic(theatreNo, 'screen-1'), push('theatre'));
  await send(upTopic(theatreNo, 'stranger'), push('stranger'));
  await send(upTopic(8, 'theatre'), push('theatre'));
  await send(upTopic(theatreNo, 'theatre'), encodeFrame(forgedAck));
  await send(`foyer/1/${theatreNo}/Not A Node/up`, 'x');
  const letters = () =>
    it.store.db.selectFrom('dead_letter').select(['theatre_no', 'code']).execute();
  await waitFor('nine letters', async () => (await letters()).length === 9);
  const codes = (await letters()).map((letter) => `${letter.theatre_no} ${letter.code}`).sort();
  expect(codes).toEqual([
    '0 unparsable',
    '7 damaged-frame',
    '7 foreign-events',
    '7 foreign-feed',
    '7 unknown-node',
    '7 unparsable',
    '7 unsupported-version',
    '7 wrong-direction',
    '8 unknown-node',
  ]);
  expect(heard).toEqual([]);
  expect((await summary(it)).deadLetters).toBe(7);
  expect(await (await fetch(`${it.cloud.url}/metrics`)).text()).toContain(
    'foyer_cloud_refused_payloads_total{cause="foreign-feed",type="pull"} 1',
  );
});
