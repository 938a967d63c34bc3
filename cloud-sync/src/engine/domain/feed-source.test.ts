import type { Pull } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { planPull, type PullContext } from './feed-source.ts';

const epoch = '24a58587-57fd-4cac-aecc-37ead7b4f450';
const other = '93b1ad0d-6f2e-4c7c-a1e3-0f4d5d4f7f11';
const mark = '0011223344556677';

const pull: Pull = {
  type: 'pull',
  feed: 'tickets',
  epoch,
  since: 50,
  mark,
  credits: 8,
  maxBytes: 100_000,
  accept: ['br'],
  snapshot: null,
};
const meta = { epoch, head: 100, mark: null, floor: 20, digest: null, confirmed: true };
const cloud: PullContext = { meta, markAtSince: mark, authority: true };
const agent: PullContext = { meta, markAtSince: null, authority: false };

const kinds = (asked: Partial<Pull>, context: PullContext): string =>
  planPull({ ...pull, ...asked }, context).kind;

test.each([
  ['goes on after a known mark', {}, cloud, 'changes'],
  ['goes on from a place inside a commit', { mark: null }, cloud, 'changes'],
  ['serves all to who has nothing', { epoch: null, since: 0, mark: null }, cloud, 'changes'],
  ['serves all of its epoch from 0, below the floor', { since: 0, mark: null }, cloud, 'changes'],
  ['sends a snapshot below the floor', { since: 10 }, cloud, 'snapshot'],
  ['sends a snapshot of its epoch to another', { epoch: other }, cloud, 'snapshot'],
  ['begins an epoch for an unknown mark', {}, { ...cloud, markAtSince: null }, 'new-epoch'],
  ['begins an epoch for another mark', {}, { ...cloud, markAtSince: 'ff00' }, 'new-epoch'],
  ['begins an epoch for who is ahead of it', { since: 101 }, cloud, 'new-epoch'],
  ['goes on with a snapshot', { snapshot: { head: 60, after: 'a/b' } }, cloud, 'snapshot'],
] as const)('the source of truth %s', (_, asked, context, kind) => {
  expect(kinds(asked, context)).toBe(kind);
});

test.each([
  ['goes on where it does not know the mark', {}, agent, 'changes'],
  ['replaces what differs from its own', {}, { ...agent, markAtSince: 'ff00' }, 'snapshot'],
  ['leaves who is ahead alone', { since: 101 }, agent, 'nothing'],
  [
    'moves no one to an epoch that its own upstream did not name',
    { epoch: other },
    { ...agent, meta: { ...meta, confirmed: false } },
    'nothing',
  ],
  ['moves others to an epoch that it did', { epoch: other }, agent, 'snapshot'],
] as const)('a replica %s', (_, asked, context, kind) => {
  expect(kinds(asked, context)).toBe(kind);
});

test('a snapshot whose head fell below the floor begins anew', () => {
  const plan = planPull({ ...pull, snapshot: { head: 10, after: 'a/b' } }, cloud);
  expect(plan).toMatchObject({ kind: 'snapshot', head: 100, after: '' });
});
