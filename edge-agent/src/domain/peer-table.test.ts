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

test('a start that is over has no say while the later one speaks', () => {
  const table = new PeerTable();
  expect(table.takesBoot('gate-2', 70, 0)).toBe(true);
  expect(table.takesBoot('gate-2', 69, deadAfterMs)).toBe(false);
  expect(table.takesBoot('gate-2', 70, deadAfterMs)).toBe(true);
  expect(table.takesBoot('gate-2', 71, deadAfterMs)).toBe(true);
  expect(table.takesBoot('gate-2', 70, deadAfterMs)).toBe(false);
});

test('a restored disk begins with a lower start, after silence or on a new connection', () => {
  const table = new PeerTable();
  table.takesBoot('gate-2', 70, 0);
  expect(table.takesBoot('gate-2', 5, deadAfterMs + 1)).toBe(true);
  table.takesBoot('gate-2', 70, deadAfterMs + 2);
  table.connection('gate-2', true);
  expect(table.takesBoot('gate-2', 5, deadAfterMs + 3)).toBe(true);
});

test('a peer has the role that it claims once it may have it, and no longer', () => {
  const table = new PeerTable();
  const hello = {
    type: 'hello',
    node: 'gate-2',
    boot: 1,
    oldest: 1,
    newest: 1,
    wallMs: 0,
  } as const;
  table.hello('gate-2', { ...hello, role: 'theatre' }, 0);
  table.settleRoles((_node, role) => role !== 'theatre');
  expect(table.get('gate-2')?.role).toBeNull();
  table.settleRoles(() => true);
  expect(table.get('gate-2')?.role).toBe('theatre');
});
