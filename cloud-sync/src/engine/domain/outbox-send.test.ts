import { genesisHash, type Ack, type OutboxEvent, type Push } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { chainHash } from './outbox-chain.ts';
import { OutboxSend, type SendLane } from './outbox-send.ts';

const origin = { node: 'gate-1', incarnation: '0011223344556677', lane: 'ledger' } as const;

/** A lane of `count` events, of which those before `firstSeq` are forgotten. */
function begin(count: number, firstSeq = 1) {
  const hashes = [genesisHash];
  const events: OutboxEvent[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    const event = { seq, eventId: '24a58587-57fd-4cac-aecc-37ead7b4f450', body: `{"n":${seq}}` };
    events.push(event);
    hashes.push(chainHash(hashes[seq - 1] ?? '', event));
  }
  const lastHash = hashes[count] ?? '';
  const lane: SendLane = { id: 1, ...origin, firstSeq, lastSeq: count, lastHash };
  const send = new OutboxSend({
    source: {
      hashAt: (_, seq) => (seq >= firstSeq - 1 ? (hashes[seq] ?? null) : null),
      events: (_, since, limit) => events.slice(since, since + limit),
    },
    maxBytes: 10_000,
    patienceMs: 400,
  });
  const ack = (lastSeq: number, forked = false): Ack => {
    return { type: 'ack', ...origin, lastSeq, durableSeq: 0, forked, rejects: [] };
  };
  return { send, lane, ack };
}

const ends = (pushes: readonly Push[]): number[] => pushes.map((p) => p.since + p.events.length);

test('asks where an unknown receiver is, then sends from there, within a window', () => {
  const { send, lane, ack } = begin(3000);
  const [probe] = send.pump(lane, 0);
  expect(probe).toMatchObject({ since: 3000, events: [] });
  expect(send.pump(lane, 1)).toEqual([]);
  send.onAck(lane, ack(500), 2);
  const pushes = send.pump(lane, 3);
  expect(pushes[0]?.since).toBe(500);
  expect(Math.max(...ends(pushes))).toBeLessThanOrEqual(1700);
  expect(send.pump(lane, 4)).toEqual([]);
});

test('sends again what was not acknowledged, later each time', () => {
  const { send, lane } = begin(10);
  send.learn(lane, 0, 0);
  expect(ends(send.pump(lane, 0))).toEqual([10]);
  expect(send.pump(lane, 399)).toEqual([]);
  expect(ends(send.pump(lane, 400))).toEqual([10]);
  expect(send.pump(lane, 1100)).toEqual([]);
  expect(ends(send.pump(lane, 1200))).toEqual([10]);
});

test('a late acknowledgement does not take it back; a receiver that was restored does', () => {
  const { send, lane, ack } = begin(10);
  send.learn(lane, 0, 0);
  send.pump(lane, 0);
  send.onAck(lane, ack(10), 1);
  send.onAck(lane, ack(4), 2);
  expect(send.pump(lane, 3)).toMatchObject([{ since: 10, events: [] }]);
  send.onAck(lane, ack(10), 4);
  expect(send.pump(lane, 1000)).toEqual([]);
  send.onAck(lane, ack(4), 1001);
  send.pump(lane, 1002);
  send.onAck(lane, ack(4), 1003);
  expect(send.pump(lane, 2000)).toMatchObject([{ since: 4 }]);
});

test('only an answer to what was sent proves that the receiver holds these very events', () => {
  const { send, lane, ack } = begin(12);
  send.learn(lane, 10, 0);
  expect(send.verified(lane)).toBe(0);
  send.pump(lane, 1);
  send.onAck(lane, ack(10), 2);
  expect(send.verified(lane)).toBe(0);
  send.onAck(lane, ack(12), 3);
  expect(send.verified(lane)).toBe(12);
});

test('who says only that the chain does not fit, as of an earlier version, has none of it', () => {
  const { send, lane, ack } = begin(12);
  send.learn(lane, 0, 0);
  send.pump(lane, 1);
  send.onAck(lane, ack(5, true), 2);
  expect(ends(send.pump(lane, 3))).toEqual([12]);
  send.onAck(lane, ack(5, true), 4);
  expect(send.partsAfter(lane)).toBe(0);
  expect(send.pump(lane, 10_000)).toEqual([]);
  expect(send.verified(lane)).toBe(0);
});

test('says where its memory begins when the receiver is behind that', () => {
  const { send, lane } = begin(12, 8);
  send.learn(lane, 2, 0);
  expect(send.pump(lane, 1)).toMatchObject([{ since: 7, oldest: 8 }]);
});

test('a position that only a heartbeat told is asked for: nothing is durable before', () => {
  const { send, lane, ack } = begin(10);
  send.learn(lane, 10, 0);
  expect(send.verified(lane)).toBe(0);
  expect(ends(send.pump(lane, 0))).toEqual([10]);
  send.onAck(lane, ack(10), 1);
  expect(send.verified(lane)).toBe(10);
  expect(send.pump(lane, 2)).toEqual([]);
});

test('finds after which event the receiver has another chain, whatever comes late', () => {
  const { send, lane, ack } = begin(1000);
  const answer = (lastSeq: number, from: number, to: number | null): Ack => {
    return { ...ack(lastSeq, true), checked: { from, to } };
  };
  send.learn(lane, 1000, 0);
  const [probe] = send.pump(lane, 0);
  expect(probe).toMatchObject({ since: 1000, events: [] });
  send.onAck(lane, answer(1000, 1000, null), 1);
  const [first, ...others] = send.pump(lane, 2);
  expect(first?.since).toBe(0);
  expect(others).toEqual([]);
  const [end = 0] = ends(first === undefined ? [] : [first]);
  send.onAck(lane, answer(1000, 0, end), 3);
  expect(send.pump(lane, 4)[0]?.since).toBe(end);
  // The answer before comes twice, a heartbeat says what it always said, the push is lost.
  send.onAck(lane, answer(1000, 0, end), 5);
  send.learn(lane, 1000, 6);
  expect(send.partsAfter(lane)).toBeNull();
  expect(send.pump(lane, 500)[0]?.since).toBe(end);
  send.onAck(lane, answer(end + 7, end, end + 7), 501);
  expect(send.pump(lane, 502)[0]?.since).toBe(end + 7);
  send.onAck(lane, answer(end + 7, end + 7, end + 7), 503);
  expect(send.partsAfter(lane)).toBe(end + 7);
  expect(send.pump(lane, 10_000)).toEqual([]);
});

test('a receiver that has more of the same chain is believed to have these events', () => {
  const { send, lane, ack } = begin(5);
  send.learn(lane, 9, 0);
  expect(send.pump(lane, 0)).toMatchObject([{ since: 5, events: [] }]);
  send.onAck(lane, { ...ack(9), checked: { from: 5, to: 5 } }, 1);
  expect(send.verified(lane)).toBe(5);
});

/** Two lanes, acknowledged to their ends, the first one last, and asked about once since. */
function beginTwo() {
  const { send, lane, ack } = begin(10);
  const other: SendLane = { ...lane, id: 2, lane: 'telemetry' };
  const lanes = [other, lane];
  const answer = (one: SendLane, lastSeq: number, nowMs: number): void => {
    send.onAck(one, { ...ack(lastSeq), lane: one.lane }, nowMs);
  };
  const pump = (nowMs: number): Push[] => lanes.flatMap((one) => send.pump(one, nowMs));
  for (const one of lanes) send.learn(one, 0, 0);
  pump(0);
  for (const one of lanes) answer(one, 10, 1);
  send.recheck();
  expect(pump(2)).toMatchObject([{ lane: 'telemetry' }, { lane: 'ledger' }]);
  for (const one of lanes) answer(one, 10, 3);
  expect(pump(4)).toEqual([]);
  return { send, lane, other, answer, pump };
}

test('a receiver at rest is asked again in the lane that moved last only', () => {
  const { send, lane, answer, pump } = beginTwo();
  send.recheck();
  expect(pump(5)).toMatchObject([{ lane: 'ledger', since: 10, events: [] }]);
  answer(lane, 10, 6);
  expect(pump(7)).toEqual([]);
  expect(send.verified(lane)).toBe(10);
});

test('a receiver that went back in that lane is asked about all of them', () => {
  const { send, lane, other, answer, pump } = beginTwo();
  send.recheck();
  pump(5);
  answer(lane, 7, 6);
  expect(send.acked(other)).toBeNull();
  const lanes = pump(7).map((push) => push.lane);
  expect(new Set(lanes)).toEqual(new Set(['telemetry', 'ledger']));
});
