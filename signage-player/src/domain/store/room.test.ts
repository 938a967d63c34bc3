import { expect, test } from 'vitest';

import { makeRoom } from './room.ts';
import type { RoomQuestion } from './room.ts';

const file = (sha256: string, sizeBytes: number, lastScheduledMs: number) => ({
  sha256,
  sizeBytes,
  lastScheduledMs,
});

const question = (change: Partial<RoomQuestion>): RoomQuestion => ({
  files: [file('new', 40, 900), file('older', 30, 500), file('oldest', 20, 100)],
  hold: new Set(),
  incomingBytes: 10,
  partBytes: 0,
  maxBytes: 100,
  freeBytes: 1000,
  minFreeBytes: 0,
  ...change,
});

test('where there is room nothing is evicted', () => {
  expect(makeRoom(question({}))).toEqual({ fits: true, evict: [] });
});

test('the least recently scheduled go first, and only as many as it takes', () => {
  expect(makeRoom(question({ incomingBytes: 30 })).evict).toEqual(['oldest']);
  expect(makeRoom(question({ incomingBytes: 31 })).evict).toEqual(['oldest', 'older']);
});

test('a held file is never evicted, and nothing is evicted in vain', () => {
  const hold = new Set(['oldest', 'older']);
  expect(makeRoom(question({ incomingBytes: 30, hold })).evict).toEqual(['new']);
  expect(makeRoom(question({ incomingBytes: 70, hold }))).toEqual({ fits: false, evict: [] });
});

test('what others need of the disk is left to them, whatever the bound of the store', () => {
  const full = { incomingBytes: 10, freeBytes: 15, minFreeBytes: 20 };
  expect(makeRoom(question(full)).evict).toEqual(['oldest']);
  const hold = new Set(['new', 'older', 'oldest']);
  expect(makeRoom(question({ ...full, hold })).fits).toBe(false);
});

test('begun files count as stored', () => {
  expect(makeRoom(question({ partBytes: 5, incomingBytes: 10 })).evict).toEqual(['oldest']);
});
