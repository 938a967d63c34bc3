import { decodeFrame, encodeFrame } from '@foyer/cloud-sync/engine';
import { FoyerError, problemSchema, type Message } from '@foyer/contracts';
import type { Clock, Journal } from '@foyer/platform';
import { meshLink, mqttCloudLink, nodeClock, silentLogger } from '@foyer/platform/node';
import { issueNode, makeTestCa, waitFor, type TestBroker } from '@foyer/platform/testing';
import { expect, test } from 'vitest';
import { codeOf, nodeRow, theatreNo, ticketRow } from './testing/house.ts';
import type { TestCloud } from './testing/test-cloud.ts';
import type { TestTheatre } from './testing/test-theatre.ts';
import { eachTestIn, type WholeHouse } from './testing/whole-house.ts';

const nodes = ['theatre', 'gate-1'];

let house: WholeHouse;
let broker: TestBroker;
let cloud: TestCloud;
let theatre: TestTheatre;

eachTestIn({ nodes, strangers: ['gate-9', 'screen-9'], tickets: [1, 2, 3] }, (begun) => {
  house = begun;
  ({ broker, cloud, theatre } = begun);
});

/** A stranger on the mesh, who dials a node with a certificate of his choice. */
async function dial(node: string, nodeId: string, tls: Parameters<typeof meshLink>[0]['tls']) {
  const url = theatre.meshUrl(node);
  const listen = { host: '127.0.0.1', port: 0 };
  return meshLink({
    theatreNo,
    nodeId,
    listen,
    tls,
    peers: { [node]: url },
    logger: silentLogger(),
  });
}

test('a certificate of another authority is refused and counted', async () => {
  await theatre.start('gate-1');
  const foreign = makeTestCa();
  const stranger = await dial('gate-1', 'gate-9', {
    ...issueNode(foreign, theatreNo, 'gate-9'),
    ca: theatre.tls('gate-1').ca,
  });
  try {
    await waitFor(
      'the refusal',
      async () => (await theatre.metric('gate-1', 'foyer_refused_identities_total')) > 0,
    );
    expect((await theatre.status('gate-1')).peers.some((peer) => peer.connected)).toBe(false);
  } finally {
    await stranger.close();
  }
});

test('a node that the house feed revokes is cut off and not let in again', async () => {
  await theatre.start('theatre');
  await theatre.start('gate-1');
  const revoked = await dial('gate-1', 'gate-9', theatre.tls('gate-9'));
  const isIn = async () =>
    (await theatre.status('gate-1')).peers.some(({ node, connected }) => {
      return node === 'gate-9' && connected;
    });
  try {
    await waitFor('the node on the mesh', isIn);
    cloud.put([nodeRow('gate-9', 'revoked')]);
    await waitFor('the node cut off', async () => !(await isIn()));
    await waitFor(
      'its next try refused',
      async () => (await theatre.metric('gate-1', 'foyer_refused_identities_total')) > 0,
    );
    expect(await isIn()).toBe(false);
  } finally {
    await revoked.close();
  }
});

test('a screen that says it is a gate gets no tickets', async () => {
  await theatre.start('theatre');
  await theatre.start('gate-1');
  cloud.put([nodeRow('screen-9', 'active', 'screen')]);
  await house.holdsTickets('gate-1', 3);
  // A gate takes nobody for a screen who is not in its list of nodes.
  await house.knowsHouse('gate-1');
  const screen = await dial('gate-1', 'screen-9', theatre.tls('screen-9'));
  const answers: string[] = [];
  screen.onPayload((_peer, payload) => {
    const message = decodeFrame(payload);
    if ('feed' in message) answers.push(`${message.type} of ${message.feed}`);
  });
  const say = (message: Message) => screen.send('gate-1', encodeFrame(message));
  const hello = { type: 'hello', node: 'screen-9', boot: 1, oldest: 1, newest: 1 } as const;
  const pull = { type: 'pull', epoch: null, since: 0, mark: null, snapshot: null } as const;
  const terms = { credits: 4, maxBytes: 65_536, accept: ['json' as const] };
  try {
    await waitFor('the mesh', () => screen.peers().includes('gate-1'));
    say({ ...hello, role: 'gate', wallMs: Date.now() });
    say({ ...pull, ...terms, feed: 'tickets' });
    say({ ...hello, role: 'screen', wallMs: Date.now() });
    say({ ...pull, ...terms, feed: 'tickets' });
    say({ ...pull, ...terms, feed: 'house' });
    await waitFor('the house', () => answers.some((answer) => answer.endsWith('of house')));
    expect(answers.filter((answer) => answer.startsWith('chunk of tickets'))).toEqual([]);
    expect(answers.filter((answer) => answer.startsWith('snapshot of tickets'))).toEqual([]);
    const refused = (labels: string) =>
      theatre.metric('gate-1', `foyer_refused_messages_total{${labels}}`);
    expect(await refused('reason="wrong-role",type="hello"')).toBe(1);
    expect(await refused('reason="foreign-feed",type="pull"')).toBe(2);
  } finally {
    await screen.close();
  }
});

test('garbage on the mesh is counted, and the gate goes on', async () => {
  await theatre.start('theatre');
  await theatre.start('gate-1');
  await house.holdsTickets('gate-1', 3);
  const noisy = await dial('gate-1', 'gate-9', theatre.tls('gate-9'));
  try {
    await waitFor('the mesh', () => noisy.peers().includes('gate-1'));
    for (const text of ['garbage', '\u0001\u0000nonsense', '']) {
      noisy.send('gate-1', Buffer.from(text));
    }
    await waitFor(
      'the count',
      async () => (await theatre.metric('gate-1', 'foyer_unparsable_total{link="mesh"}')) >= 2,
    );
    expect((await theatre.scan('gate-1', codeOf(1))).colour).toBe('green');
  } finally {
    await noisy.close();
  }
});

test('garbage on MQTT is counted and kept as a dead letter, and the sync goes on', async () => {
  await theatre.start('theatre');
  await house.holdsTickets('theatre', 3);
  const vandal = mqttCloudLink({ url: broker.url, sharedSubscription: false });
  await waitFor('the broker', () => vandal.connected);
  vandal.send(`${theatreNo}/theatre`, Buffer.from('{"type":"chunk"'));
  vandal.send(`${theatreNo}/all`, Buffer.alloc(5000, 7));
  await waitFor(
    'the count',
    async () => (await theatre.metric('theatre', 'foyer_unparsable_total{link="wan"}')) >= 2,
  );
  await vandal.close();
  expect((await theatre.status('theatre')).deadLetters).toBe(2);
  cloud.put([ticketRow(4)]);
  await house.holdsTickets('theatre', 4);
});

test('with a full disk nothing is admitted, and it goes on when there is room', async () => {
  let full = false;
  const check = <T>(work: () => T): T => {
    if (full) throw new FoyerError('disk-full', 'The disk is full.');
    return work();
  };
  const wrapJournal = (journal: Journal): Journal => ({
    prepare: (sql) => journal.prepare(sql),
    transaction: (work) => check(() => journal.transaction(work)),
    get commits() {
      return journal.commits;
    },
    close: () => journal.close(),
  });
  await theatre.start('theatre');
  await theatre.start('gate-1', { wrapJournal });
  await house.holdsTickets('gate-1', 3);
  full = true;
  const refused = await theatre.post('gate-1', '/v1/scans', {
    scanId: crypto.randomUUID(),
    text: codeOf(1),
  });
  expect(refused.status).toBe(507);
  expect(problemSchema.parse(await refused.json()).code).toBe('disk-full');
  full = false;
  await waitFor('a green', async () => {
    return (await theatre.scan('gate-1', codeOf(1))).colour === 'green';
  });
});

test('a clock years off is flagged while nobody agrees, and corrected by the others', async () => {
  const real = nodeClock();
  const years = 5 * 365 * 86_400_000;
  const ahead: Clock = { ...real, nowMs: () => real.nowMs() + years };
  await theatre.start('theatre');
  await theatre.start('gate-1');
  await house.holdsTickets('gate-1', 3);
  await theatre.until('agreed', 'gate-1', ({ clockAgreed }) => clockAgreed);
  await theatre.start('gate-9', { clock: ahead });
  await theatre.until('corrected', 'gate-9', ({ clockAgreed }) => clockAgreed);
  const { wallMs } = await theatre.status('gate-9');
  expect(Math.abs(wallMs - Date.now())).toBeLessThan(5000);
  await theatre.stop('theatre');
  await theatre.stop('gate-1');
});
