import { expect, test } from 'vitest';

import {
  decideShadow,
  minIntervalMs,
  noShadow,
  type Reported,
  type ShadowEffect,
  type ShadowInput,
  type ShadowState,
} from './shadow.ts';

const own: Reported = { software: '1.2.3', config: 'c0ffee', programme: null, mode: 'open' };

function run(inputs: readonly [number, ShadowInput][], from: ShadowState = noShadow) {
  let state = from;
  const all: ShadowEffect[] = [];
  for (const [nowMs, input] of inputs) {
    const step = decideShadow(state, input, nowMs);
    state = step.state;
    all.push(...step.effects);
  }
  return { state, effects: all, last: all.at(-1) };
}

const document = (version: number, state: object): ShadowInput => ({
  kind: 'answer',
  answer: 'get/accepted',
  body: { version, state, clientToken: 'foyer-1' },
});
const { programme: _none, ...told } = own;
const settled = run([
  [0, { kind: 'own', own }],
  [0, { kind: 'ready' }],
  [1, document(5, { reported: told })],
]);

test('nothing is told while nothing changed', () => {
  expect(settled.effects).toEqual([
    { kind: 'publish', operation: 'get', body: { clientToken: 'foyer-1' } },
  ]);
  expect(run([[99_000, { kind: 'tick' }]], settled.state).effects).toEqual([]);
});

test('updates are apart, name the version, and only what changed', () => {
  const first: ShadowInput = { kind: 'own', own: { ...own, programme: 'a' } };
  const once = run([[1000, first]], settled.state);
  expect(once.last).toEqual({
    kind: 'publish',
    operation: 'update',
    body: { state: { reported: { programme: 'a' } }, version: 5, clientToken: 'foyer-2' },
  });
  const accepted: ShadowInput = {
    kind: 'answer',
    answer: 'update/accepted',
    body: { version: 6, clientToken: 'foyer-2' },
  };
  const second: ShadowInput = { kind: 'own', own: { ...own, programme: 'b' } };
  const soon = run(
    [
      [1100, accepted],
      [1200, second],
    ],
    once.state,
  );
  expect(soon.effects).toEqual([]);
  const later = run([[1000 + minIntervalMs, { kind: 'tick' }]], soon.state);
  expect(later.last).toMatchObject({ body: { state: { reported: { programme: 'b' } } } });
});

test('a conflict asks for the document at once, a quota later', () => {
  const once = run([[1000, { kind: 'own', own: { ...own, programme: 'a' } }]], settled.state);
  const refused = (code: number): ShadowInput => ({
    kind: 'answer',
    answer: 'update/rejected',
    body: { code, clientToken: 'foyer-2' },
  });
  expect(run([[20_000, refused(409)]], once.state).last).toMatchObject({ operation: 'get' });
  const later = run([[20_000, refused(429)]], once.state);
  expect(later.last).toEqual({ kind: 'log', event: 'shadow-refused', code: 429 });
  const again = run([[20_000 + minIntervalMs, { kind: 'tick' }]], later.state);
  expect(again.last).toMatchObject({ operation: 'get' });
});

test('a delta that is older than what is known changes nothing', () => {
  const delta = (version: number): ShadowInput => ({
    kind: 'answer',
    answer: 'update/delta',
    body: { version, state: { mode: 'closed' } },
  });
  expect(run([[10, delta(4)]], settled.state).effects).toEqual([]);
  expect(run([[10, delta(6)]], settled.state).effects).toEqual([
    { kind: 'apply', desired: { mode: 'closed' } },
  ]);
});

test('a request without an answer is made again', () => {
  const asked = run([
    [0, { kind: 'own', own }],
    [0, { kind: 'ready' }],
  ]);
  expect(run([[14_000, { kind: 'tick' }]], asked.state).effects).toEqual([]);
  expect(run([[15_000, { kind: 'tick' }]], asked.state).last).toMatchObject({ operation: 'get' });
});

test('what is no answer of the service is ignored', () => {
  for (const body of [null, 7, {}, { version: 'x' }, { state: [] }]) {
    for (const answer of ['get/accepted', 'update/delta', 'update/rejected'] as const) {
      const { state, effects } = run([[10, { kind: 'answer', answer, body }]], settled.state);
      expect([state, effects]).toEqual([settled.state, []]);
    }
  }
});

test('a mode set at the node becomes what is desired, also while a report is on its way', () => {
  const desired = run(
    [
      [2, { kind: 'ready' }],
      [3, document(5, { desired: { mode: 'open' }, reported: {} })],
    ],
    settled.state,
  );
  expect(desired.last).toMatchObject({ operation: 'update' });
  const accepted: ShadowInput = {
    kind: 'answer',
    answer: 'update/accepted',
    body: { version: 6, clientToken: 'foyer-3' },
  };
  const set = run(
    [
      [4, { kind: 'own', own: { ...own, mode: 'closed' } }],
      [5, accepted],
      [20_000, { kind: 'tick' }],
    ],
    desired.state,
  );
  expect(set.last).toMatchObject({
    body: { state: { reported: { mode: 'closed' }, desired: { mode: 'closed' } }, version: 6 },
  });
});
