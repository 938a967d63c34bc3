import { expect, test } from 'vitest';
import { deadAfterMs, PeerTable } from './peer-table.ts';

const alive = (table: PeerTable, nowMs: number) => table.alive(nowMs).map((peer) => peer.node);

test('a connected peer is alive for a second after it was heard', () => {
  const table = new PeerTable();
  table.connection('gate-2', true);
  expect(alive(table, 0)).toEqual([]);
  table.heard('gate-2', 100);
  expect(alive(table, 100 + deadAfterMs)).toEqual(['gate-2']);
  expect(alive(table, 101 + deadAfterMs)).toEqual([]);
  expect(table.lastHeardAgoMs('gate-2', 150)).toBe(50);
});

test('a lost connection is dead at once', () => {
  const table = new PeerTable();
  table.connection('gate-2', true);
  table.heard('gate-2', 0);
  table.connection('gate-2', false);
  expect(alive(table, 1)).toEqual([]);
});

test('a node that was never heard has no age', () => {
  expect(new PeerTable().lastHeardAgoMs('gate-9', 5)).toBeNull();
});
