import type { Chunk, Hint } from '@foyer/contracts';
import { lanBackoff } from '@foyer/platform';
import { SimRandom } from '@foyer/platform/sim';
import { expect, test } from 'vitest';

import { FeedPull, type PullEffect, type PullPosition } from './feed-pull.ts';
import { emptyDigest } from './rows.ts';

const epoch = '24a58587-57fd-4cac-aecc-37ead7b4f450';

/** A replica that holds a position and nothing else. */
function begin(cursor = 0, old = false) {
  const position: PullPosition = {
    epoch: cursor === 0 ? null : epoch,
    cursor,
    mark: null,
    digest: emptyDigest,
    settled: true,
    build: null,
  };
  const applied: number[] = [];
  const ages: unknown[] = [];
  const pull = new FeedPull(
    {
      feed: 'tickets',
      random: new SimRandom(1),
      target: {
        position: () => ({ ...position }),
        applyChunk: (chunk, ageMs) => {
          Object.assign(position, { epoch: chunk.epoch, cursor: chunk.next });
          applied.push(chunk.next);
          ages.push(ageMs);
        },
        isOutOfStep: () => old,
        applyPage: () => false,
        upToDate: (ageMs) => ages.push(ageMs),
      },
      maxBytes: 100_000,
      backoff: lanBackoff,
      patienceMs: 400,
      pollMs: 5000,
      quietPollMs: 20_000,
    },
    0,
  );
  return { pull, applied, ages };
}

function chunk(since: number, next: number, head = 30): Chunk {
  const body = { blocks: [], tombstones: [] };
  return { type: 'chunk', feed: 'tickets', epoch, since, next, head, mark: null, body };
}

const hint = (head: number): Hint => ({ type: 'hint', feed: 'tickets', epoch, head });

const asked = (effects: readonly PullEffect[]): number[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message.since] : []));

test('chunks that overtook each other are applied in order, and repeated ones once', () => {
  const { pull, applied } = begin();
  expect(asked(pull.onTime(0))).toEqual([0]);
  pull.onChunk(chunk(10, 20), 1);
  pull.onChunk(chunk(20, 30), 2);
  pull.onChunk(chunk(20, 30), 3);
  expect(applied).toEqual([]);
  pull.onChunk(chunk(0, 10), 4);
  pull.onChunk(chunk(0, 10), 5);
  expect(applied).toEqual([10, 20, 30]);
});

test('what was lost is asked for again from the cursor, later each time', () => {
  const { pull, applied } = begin();
  pull.onTime(0);
  pull.onChunk(chunk(0, 10), 1);
  pull.onChunk(chunk(20, 30), 2);
  expect(asked(pull.onTime(300))).toEqual([]);
  expect(asked(pull.onTime(500))).toEqual([10]);
  const waits: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const dueMs = pull.dueMs();
    expect(asked(pull.onTime(dueMs))).toEqual([10]);
    waits.push(pull.dueMs() - dueMs);
  }
  expect(waits[4]).toBeGreaterThan(4 * (waits[0] ?? 0));
  expect(applied).toEqual([10]);
});

test('a hint is followed at once, also one that came while an answer was awaited', () => {
  const { pull } = begin(30);
  expect(asked(pull.onTime(0))).toEqual([30]);
  expect(asked(pull.onHint(hint(31), 1))).toEqual([]);
  expect(asked(pull.onChunk(chunk(30, 30), 2))).toEqual([30]);
  pull.onChunk(chunk(30, 31, 31), 3);
  expect(asked(pull.onHint(hint(31), 4))).toEqual([]);
  expect(asked(pull.onHint(hint(32), 5))).toEqual([31]);
});

test('a hint from an upstream that was away ends the wait for its answer', () => {
  const { pull } = begin(30);
  pull.onTime(0);
  for (let n = 0; n < 6; n += 1) pull.onTime(pull.dueMs());
  const nowMs = pull.dueMs() - 5000;
  expect(asked(pull.onHint(hint(31), nowMs))).toEqual([30]);
  expect(asked(pull.onHint(hint(32), nowMs + 1))).toEqual([]);
  expect(pull.dueMs() - nowMs).toBeLessThanOrEqual(400);
});

test('a chunk of another epoch, or from before the cursor, is dropped', () => {
  const { pull, applied } = begin(20);
  pull.onTime(0);
  pull.onChunk({ ...chunk(20, 30), epoch: '93b1ad0d-6f2e-4c7c-a1e3-0f4d5d4f7f11' }, 1);
  pull.onChunk(chunk(10, 30), 2);
  expect(applied).toEqual([]);
});

test('it polls when it hears nothing', () => {
  const { pull } = begin(30);
  pull.onTime(0);
  pull.onChunk(chunk(30, 30), 1);
  expect(pull.dueMs()).toBeGreaterThan(2000);
  expect(pull.dueMs()).toBeLessThan(15_100);
  expect(asked(pull.onTime(pull.dueMs()))).toEqual([30]);
});

test('a hint of less than it has makes a replica ask soon: was its source set back?', () => {
  const { pull } = begin(30);
  pull.onTime(0);
  pull.onChunk(chunk(30, 30), 1);
  expect(pull.dueMs()).toBeGreaterThan(2001);
  expect(asked(pull.onHint(hint(20), 1))).toEqual([]);
  expect(pull.dueMs()).toBe(2001);
  expect(asked(pull.onTime(2001))).toEqual([30]);
});

test('data is as old as its source says, once it is at the head of that', () => {
  const { pull, ages } = begin(10);
  pull.onTime(0);
  pull.onChunk({ ...chunk(10, 20), ageMs: 70 }, 1);
  pull.onChunk({ ...chunk(20, 30), ageMs: 80 }, 2);
  expect(ages).toEqual([null, 80]);
  pull.onTime(pull.dueMs());
  pull.onChunk({ ...chunk(30, 30), ageMs: 90 }, 3);
  expect(ages).toEqual([null, 80, 90]);
});

test('an answer that nobody awaits, or whose digest differs, tells nothing of the age', () => {
  const { pull, ages } = begin(30);
  pull.onChunk({ ...chunk(30, 30), ageMs: 0 }, 1);
  expect(ages).toEqual([null]);
  pull.onTime(2);
  pull.onChunk({ ...chunk(30, 30), ageMs: 0, digest: { count: 1, sum: 1 } }, 3);
  expect(ages).toEqual([null]);
});

test('an answer that nobody awaits any more tells an age where it says when it was asked', () => {
  const { pull, ages } = begin(30);
  pull.onChunk({ ...chunk(30, 30), ageMs: 70, askedMs: 1 }, 1);
  expect(ages).toEqual([70]);
});

test('a hint of what it has is asked after where its data is old: the upstream is not', () => {
  for (const old of [false, true]) {
    const { pull } = begin(30, old);
    pull.onTime(0);
    pull.onChunk(chunk(30, 30), 1);
    expect(asked(pull.onHint(hint(30), 2))).toEqual(old ? [30] : []);
  }
});

test('polls that bring nothing come more and more seldom, until one brings something', () => {
  const { pull } = begin(10);
  const waits: number[] = [];
  let nowMs = 0;
  const poll = (upTo: number): void => {
    pull.onTime(nowMs);
    pull.onChunk(chunk(10, upTo, upTo), nowMs);
    waits.push(pull.dueMs() - nowMs);
    nowMs = pull.dueMs();
  };
  for (let round = 0; round < 4; round += 1) poll(10);
  expect(waits[0]).toBeLessThanOrEqual(15_000);
  for (const waitMs of waits.slice(2)) {
    expect(waitMs).toBeGreaterThanOrEqual(10_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
  }
  pull.onTime(nowMs);
  pull.onChunk(chunk(10, 20, 20), nowMs);
  expect(pull.dueMs() - nowMs).toBeLessThanOrEqual(7500);
});

test('an upstream that says it has more is asked two seconds later, long before the poll', () => {
  const { pull } = begin();
  pull.onTime(0);
  pull.onChunk(chunk(0, 30), 1);
  pull.hasten(100);
  pull.hasten(350);
  expect(asked(pull.onTime(2099))).toEqual([]);
  expect(asked(pull.onTime(2100))).toEqual([30]);
  pull.hasten(2200);
  expect(asked(pull.onTime(2300))).toEqual([]);
});
