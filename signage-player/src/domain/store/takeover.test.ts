import { expect, test } from 'vitest';

import { decideTakeover } from './takeover.ts';

const having =
  (...files: string[]) =>
  (file: string): boolean =>
    files.includes(file);

const old = { hash: 'old', files: ['a', 'b'] };
const next = { hash: 'next', files: ['b', 'c', 'd'] };

test('a new programme waits until the last of its files is here', () => {
  const plan = decideTakeover(old, next, having('a', 'b', 'c'));
  expect(plan).toMatchObject({ step: 'keep', fetch: ['d'], fetchingHash: 'next' });
  expect(decideTakeover(old, next, having('a', 'b', 'c', 'd'))).toMatchObject({
    step: 'take',
    fetch: [],
    fetchingHash: null,
  });
});

test('a file that the playing programme lost is fetched before those of the next', () => {
  expect(decideTakeover(old, next, having('b')).fetch).toEqual(['a', 'c', 'd']);
});

test('files of both programmes are held; once the new one plays, those of the old are not', () => {
  expect([...decideTakeover(old, next, having('a', 'b')).hold].toSorted()).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
  expect([...decideTakeover(next, next, having()).hold].toSorted()).toEqual(['b', 'c', 'd']);
});

test('the first programme is waited for too, and one without files is taken at once', () => {
  expect(decideTakeover(null, next, having())).toMatchObject({ step: 'keep' });
  expect(decideTakeover(null, { hash: 'boards', files: [] }, having())).toMatchObject({
    step: 'take',
  });
  expect(decideTakeover(null, null, having())).toMatchObject({ step: 'keep', fetch: [] });
});

test('the programme that plays is not taken again, and is repaired', () => {
  expect(decideTakeover(old, old, having('a'))).toMatchObject({
    step: 'keep',
    fetch: ['b'],
    fetchingHash: null,
  });
});
