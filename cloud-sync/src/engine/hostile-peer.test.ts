import type { Message, Push } from '@foyer/contracts';
import { afterEach, expect, test } from 'vitest';

import { chainHash, encodeFrame } from './index.ts';
import { World } from './testing/world.ts';

let world: World | undefined;

afterEach(() => {
  world?.end();
  world = undefined;
});

/** A theatre with two gates at rest, and the network's end of a node that was stolen. */
async function begin(name = 'gate-9') {
  const at = new World({ seed: 11, gates: 2 });
  world = at;
  await at.sell(5);
  await at.clock.advanceAsync(2000);
  const link = at.lan.join(name);
  await at.clock.advanceAsync(100);
  return {
    at,
    /** Sends to gate-1 and lets it arrive. */
    send: async (message: Message | Uint8Array): Promise<void> => {
      link.send('gate-1', message instanceof Uint8Array ? message : encodeFrame(message));
      await at.clock.advanceAsync(50);
    },
    refused: (): string[] =>
      at.logger
        .of('message-refused')
        .filter(({ fields }) => fields['peer'] === name)
        .map(({ fields }) => `${String(fields['type'])} ${String(fields['reason'])}`),
    gate: at.agent('gate-1'),
  };
}

const eventId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function admission(gate: string, n = 1): { eventId: string; body: string } {
  const right = { ticketId: `000${n}000000000001`, n: 0 };
  const fields = { showNo: 1, scanId: eventId(n), gate, atMs: 1, flags: [], votes: [] };
  return {
    eventId: eventId(n),
    body: JSON.stringify({ kind: 'admission', right, ...fields, configEpoch: 1 }),
  };
}

function push(node: string, change: Partial<Push> = {}, gate = node): Push {
  return {
    type: 'push',
    node,
    incarnation: 'b'.repeat(16),
    lane: 'ledger',
    since: 0,
    prevHash: '0'.repeat(32),
    events: [{ seq: 1, ...admission(gate) }],
    ...change,
  };
}

test('rows and news of a feed count from the upstream only', async () => {
  const { gate, send, refused } = await begin();
  const { epoch, cursor, digest } = gate.node.replica.position('tickets');
  const at = { feed: 'tickets', epoch: epoch ?? '', head: cursor + 1 } as const;
  const body = {
    blocks: [],
    tombstones: [{ table: 'ticket', key: 'x', group: '', seq: cursor + 1 }],
  };
  await send({ type: 'chunk', ...at, since: cursor, next: cursor + 1, mark: null, body });
  await send({ type: 'hint', ...at, digest });
  expect(gate.node.replica.position('tickets').cursor).toBe(cursor);
  expect(refused()).toEqual(['chunk not-upstream', 'hint not-upstream']);
});

test('an admission in the name of another gate has no effect and is told as rejected', async () => {
  const { gate, send, refused } = await begin();
  await send(push('gate-9', {}, 'gate-2'));
  expect(gate.applied).toEqual([]);
  expect(refused()).toEqual(['push foreign-gate']);
  const event = { seq: 1, ...admission('gate-9') };
  const prevHash = chainHash('0'.repeat(32), { seq: 1, ...admission('gate-2') });
  await send(push('gate-9', { since: 1, prevHash, events: [{ ...event, seq: 2 }] }));
  expect(gate.applied).toEqual([]);
  await send(
    push('gate-9', {
      incarnation: 'c'.repeat(16),
      events: [{ seq: 1, ...admission('gate-9', 2) }],
    }),
  );
  expect(gate.applied).toEqual([eventId(2)]);
});

test('what a living gate has not written is not taken from another; no chain forks', async () => {
  const { at, gate, send, refused } = await begin();
  at.admit('gate-2');
  await at.clock.advanceAsync(2000);
  const lane = at
    .agent('gate-2')
    .node.events.lanes()
    .find((l) => l.lane === 'ledger');
  const known = { since: lane?.lastSeq ?? 0, prevHash: lane?.lastHash ?? '' };
  const events = [{ seq: known.since + 1, ...admission('gate-2', 3) }];
  await send(push('gate-2', { incarnation: lane?.incarnation ?? '', ...known, events }));
  expect(refused()).toEqual(['push ahead-of-origin']);
  const real = at.admit('gate-2');
  await at.clock.advanceAsync(2000);
  expect(gate.applied).toContain(real);
  expect(gate.applied).not.toContain(eventId(3));
  expect(at.agent('gate-2').node.status().forks).toBe(0);
});

test('a made-up other chain of a living gate does not end the lane it numbers in', async () => {
  const { at, gate, send } = await begin();
  for (let n = 0; n < 3; n += 1) at.admit('gate-2');
  await at.clock.advanceAsync(2000);
  const held = () =>
    gate.node.events.lanes().find(({ node, lane }) => node === 'gate-2' && lane === 'ledger');
  const incarnation = held()?.incarnation ?? '';
  const first = gate.node.events.events({ id: held()?.id ?? 0 }, 0, 1);
  const events = [...first, { seq: 2, ...admission('gate-2', 3) }].map(
    ({ seq, eventId: id, body }) => ({ seq, eventId: id, body }),
  );
  await send(push('gate-2', { incarnation, events }));
  await send({
    type: 'ack',
    node: 'gate-2',
    incarnation,
    lane: 'ledger',
    lastSeq: 1,
    durableSeq: 0,
    forked: true,
    checked: { from: 3, to: 1 },
    rejects: [],
  });
  expect(held()).toMatchObject({ lastSeq: 3, forked: false });
  const real = at.admit('gate-2');
  await at.clock.advanceAsync(2000);
  expect(gate.applied).toContain(real);
  expect(gate.applied).not.toContain(eventId(3));
  expect(at.agent('gate-2').node.status().forks).toBe(0);
});

test("who takes the id of another node's event, early or late, suppresses nothing", async () => {
  const { at, gate, send, refused } = await begin();
  const real = at.admit('gate-2');
  await at.clock.advanceAsync(2000);
  const { body } = admission('gate-9', 4);
  await send(push('gate-9', { events: [{ seq: 1, eventId: real, body }] }));
  expect(refused()).toEqual(['push event-id-taken']);
  expect(gate.applied).toEqual([real, real]);
  const first = { incarnation: 'c'.repeat(16), events: [{ seq: 1, ...admission('gate-9', 5) }] };
  await send(push('gate-9', first));
  const honest = at.lan.join('gate-7');
  await at.clock.advanceAsync(100);
  honest.send(
    'gate-1',
    encodeFrame(push('gate-7', { events: [{ seq: 1, ...admission('gate-7', 5) }] })),
  );
  await at.clock.advanceAsync(100);
  expect(gate.applied.filter((id) => id === eventId(5))).toHaveLength(2);
});

test('an acknowledgement of what was not sent changes nothing', async () => {
  const { at, gate, send, refused } = await begin();
  at.admit('gate-2');
  await at.clock.advanceAsync(500);
  const held = () => gate.node.events.lanes().find((lane) => lane.node === 'gate-2');
  await send({
    type: 'ack',
    node: 'gate-2',
    incarnation: held()?.incarnation ?? '',
    lane: 'ledger',
    lastSeq: 999,
    durableSeq: 999,
    forked: true,
    rejects: [],
  });
  expect(refused()).toEqual(['ack not-asked']);
  expect(held()).toMatchObject({ lastSeq: 1, forked: false });
  await at.clock.advanceAsync(5000);
  expect(at.agent('gate-2').node.status().forks).toBe(0);
});

test('a peer that says over and over that a disk was restored is believed once', async () => {
  const { at, gate, send, refused } = await begin();
  const claim = async (): Promise<void> => {
    at.admit('gate-1');
    const incarnation = gate.node.events.incarnation();
    const events = [{ seq: 900, ...admission('gate-1', 5) }];
    await send(push('gate-1', { incarnation, since: 899, events }));
  };
  await claim();
  expect(gate.node.status().forks).toBe(1);
  await claim();
  await claim();
  expect(gate.node.status().forks).toBe(1);
  expect(refused()).toEqual(['push forked-again', 'push forked-again']);
  await at.clock.advanceAsync(61_000);
  await claim();
  expect(gate.node.status().forks).toBe(2);
});

test('a screen cannot put an admission into the ledger', async () => {
  const { gate, send, refused } = await begin('screen-9');
  await send(push('screen-9'));
  expect(refused()).toEqual(['push wrong-role']);
  expect(gate.node.events.lanes().filter((lane) => lane.node === 'screen-9')).toEqual([]);
});

test('a flood of garbage is counted whole, and stored and logged ten times a second', async () => {
  const { at, gate, send } = await begin();
  const link = at.lan.join('gate-8');
  await at.clock.advanceAsync(1000 - (at.clock.monotonicMs() % 1000));
  const logged = at.logger.of('message-refused').length;
  for (let n = 0; n < 200; n += 1) link.send('gate-1', Uint8Array.of(1, 0, 1, 2, 3, 4, n, n));
  await at.clock.advanceAsync(100);
  expect(gate.node.status().links[0]?.unreadable).toBe(200);
  expect(at.logger.of('message-refused').length - logged).toBe(10);
  for (let n = 0; n < 200; n += 1) link.send('gate-1', Uint8Array.of(9, 0, 1, 2, 3, 4, n, n));
  await at.clock.advanceAsync(100);
  expect(gate.node.status().deadLetters).toBe(10);
  await at.clock.advanceAsync(1000);
  await send(Uint8Array.of(9, 0, 0, 0, 0, 0, 1));
  expect(gate.node.status().deadLetters).toBe(11);
  expect(at.logger.of('message-refused').at(-1)?.fields['notLogged']).toBe(390);
});
