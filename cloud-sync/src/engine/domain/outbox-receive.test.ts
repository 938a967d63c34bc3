import { genesisHash, type OutboxEvent, type Push } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { chainHash } from './outbox-chain.ts';
import { decidePush, genesisHead, type LaneHead } from './outbox-receive.ts';

function chain(bodies: readonly string[]): { events: OutboxEvent[]; hashes: string[] } {
  const hashes = [genesisHash];
  const events = bodies.map((body, n) => {
    const event = { seq: n + 1, eventId: '24a58587-57fd-4cac-aecc-37ead7b4f450', body };
    hashes.push(chainHash(hashes[n] ?? '', event));
    return event;
  });
  return { events, hashes };
}

const ours = chain(['a', 'b', 'c', 'd', 'e']);
const clone = chain(['a', 'b', 'X', 'd', 'e']);

function push(of: typeof ours, since: number, upTo: number, oldest?: number): Push {
  return {
    type: 'push',
    node: 'gate-1',
    incarnation: '0011223344556677',
    lane: 'ledger',
    since,
    prevHash: of.hashes[since] ?? '',
    events: of.events.slice(since, upTo),
    ...(oldest === undefined ? {} : { oldest }),
  };
}

const head = (seq: number): LaneHead => ({ lastSeq: seq, lastHash: ours.hashes[seq] ?? '' });
const known = (upTo: number) => (seq: number) => (seq <= upTo ? (ours.hashes[seq] ?? null) : null);
const forgotten = (): null => null;

test('what follows the head is accepted, with the hash after each event', () => {
  const decision = decidePush(push(ours, 0, 3), genesisHead, forgotten);
  expect(decision).toMatchObject({ kind: 'accept', head: head(3), skippedTo: null });
  expect(decision.kind === 'accept' && decision.events.map((e) => e.hash)).toEqual(
    ours.hashes.slice(1, 4),
  );
});

test('what is known is left out, and a push of known events only changes nothing', () => {
  const overlap = decidePush(push(ours, 1, 5), head(3), known(3));
  expect(overlap.kind === 'accept' && overlap.events.map((e) => e.seq)).toEqual([4, 5]);
  const repeated = decidePush(push(ours, 0, 3), head(3), known(3));
  expect(repeated).toEqual({
    kind: 'accept',
    events: [],
    head: head(3),
    skippedTo: null,
    checked: 3,
  });
});

test('a gap is not jumped, unless the sender no longer has what is missing', () => {
  expect(decidePush(push(ours, 3, 5), head(1), known(1)).kind).toBe('gap');
  expect(decidePush(push(ours, 3, 5, 2), head(1), known(1)).kind).toBe('gap');
  const jump = decidePush(push(ours, 3, 5, 4), head(1), known(1));
  expect(jump).toMatchObject({ kind: 'accept', head: head(5), skippedTo: 3 });
});

test.each([
  ['right at the head', push(clone, 3, 5), known(3)],
  ['before it, and the receiver still knows', push(clone, 2, 5), known(3)],
  ['before it, and only the head is known', push(clone, 2, 5), forgotten],
  ['in a push of nothing', push(clone, 3, 3), known(3)],
])('a chain that differs %s is a fork', (_, pushed, hashAt) => {
  expect(decidePush(pushed, head(3), hashAt)).toMatchObject({ kind: 'fork', differs: true });
});

test('events that are not numbered one after the other are no run', () => {
  const holes = { ...push(ours, 0, 3), events: [ours.events[0]!, ours.events[2]!] };
  expect(decidePush(holes, genesisHead, forgotten).kind).toBe('gap');
});

test('says up to where a push is the very chain that is held', () => {
  const checked = (pushed: Push, at: LaneHead, hashAt: (seq: number) => string | null) =>
    decidePush(pushed, at, hashAt).checked;
  expect(checked(push(ours, 0, 4), head(3), known(3))).toBe(4);
  expect(checked(push(ours, 2, 2), head(3), known(3))).toBe(2);
  expect(checked(push(clone, 0, 5), head(3), known(3))).toBe(2);
  expect(checked(push(clone, 3, 5), head(3), known(3))).toBeNull();
  // Where only the head is known nothing before it can be told apart.
  expect(checked(push(ours, 1, 2), head(3), forgotten)).toBeNull();
});

test('a lane that is closed takes nothing more, and says that it has what it has', () => {
  const closed = { ...head(2), closed: true };
  const decide = (pushed: Push) => decidePush(pushed, closed, known(2));
  expect(decide(push(ours, 0, 2)).kind).toBe('accept');
  expect(decide(push(ours, 2, 4))).toEqual({ kind: 'fork', checked: 2, differs: false });
  expect(decide(push(ours, 3, 4))).toEqual({ kind: 'fork', checked: null, differs: false });
  expect(decide(push(ours, 3, 4, 4)).kind).toBe('fork');
});
