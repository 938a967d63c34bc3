import type { Emergency, LiveState, NodeId, Role } from '@foyer/contracts';
import { expect, test } from 'vitest';
import { foldLiveView, type LiveNode } from './live-view.ts';

const nowMs = 1_000_000;

const node = (id: NodeId, alive = true, heardMs: number | null = nowMs - 100): LiveNode => {
  const role = (id.split('-')[0] ?? '') as Role;
  return { node: id, role, alive, recovering: false, heardMs };
};
const told = (id: NodeId, topic: string, value: LiveState['value'], atMs = 5): LiveState => {
  return { type: 'live-state', node: id, topic, version: 1, atMs, value };
};
const fold = (
  states: readonly LiveState[],
  nodes: readonly LiveNode[],
  emergencies: readonly Emergency[] = [],
) => foldLiveView({ states, nodes, emergencies, nowMs });

test('of the gates that answer the one that counts the most is believed, as of now', () => {
  const states = [
    told('gate-1', 'occupancy', { 7: 3 }),
    told('gate-2', 'occupancy', { 7: 5, 8: 1 }),
    told('gate-3', 'occupancy', { 7: 9, 9: 2 }),
  ];
  const nodes = [node('gate-1'), node('gate-2'), node('gate-3', false, nowMs - 60_000)];
  expect(fold(states, nodes).admitted).toEqual({
    7: { count: 5, atMs: nowMs },
    8: { count: 1, atMs: nowMs },
    9: { count: 2, atMs: nowMs - 60_000 },
  });
});

test('sales are those of the theatre agent, else those that were told last', () => {
  const states = [
    told('gate-1', 'sold', { 7: 40 }, 10),
    told('gate-2', 'sold', { 7: 38 }, 20),
    told('theatre', 'sold', { 7: 39 }, 1),
  ];
  const gates = [node('gate-1'), node('gate-2')];
  expect(fold(states, [...gates, node('theatre')]).sold[7]?.count).toBe(39);
  expect(fold(states, [...gates, node('theatre', false)]).sold[7]?.count).toBe(38);
});

test('a gate is open while it answers and knows its votes', () => {
  const gates = [
    { ...node('gate-2'), recovering: true },
    node('gate-1'),
    node('gate-3', false, null),
    node('theatre'),
  ];
  expect(fold([], gates).gates).toEqual([
    { node: 'gate-1', open: true, atMs: nowMs },
    { node: 'gate-2', open: false, atMs: nowMs },
    { node: 'gate-3', open: false, atMs: 0 },
  ]);
});

test('nobody outside the list of nodes is believed', () => {
  const states = [
    told('gate-9', 'occupancy', { 7: 3 }),
    told('gate-9', 'sold', { 7: 3 }),
    told('gate-9', 'queue', { waiting: 3, atMs: 1 }),
    told('gate-9', 'delay/7', { delayMin: 3, atMs: 1 }),
  ];
  const { admitted, sold, waiting, delays } = fold(states, [node('gate-1')]);
  expect({ admitted, sold, waiting, delays }).toEqual({
    admitted: {},
    sold: {},
    waiting: {},
    delays: [],
  });
});

test('malformed and oversized values are left out, those beside them are not', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [String(n + 1), 1]));
  const states = [
    told('gate-1', 'occupancy', { 7: -1 }),
    told('gate-2', 'occupancy', { x: 1 }),
    told('gate-3', 'occupancy', many),
    told('gate-4', 'occupancy', null),
    told('gate-5', 'occupancy', { 7: 2 }),
    told('gate-5', 'queue', { waiting: 'long' }),
    told('gate-5', 'delay/soon', { delayMin: 1, atMs: 1 }),
    told('gate-5', 'delay/8', { delayMin: 5000, atMs: 1 }),
    told('gate-5', 'delay/9', { delayMin: 5, atMs: 1 }),
  ];
  const nodes = [1, 2, 3, 4, 5].map((n) => node(`gate-${n}`));
  const view = fold(states, nodes);
  expect(view.admitted).toEqual({ 7: { count: 2, atMs: nowMs } });
  expect(view.waiting).toEqual({});
  expect(view.delays).toEqual([{ showNo: 9, delayMin: 5, atMs: 1 }]);
});

test('of a show that two nodes tell of, the later delay holds; 0 is none', () => {
  const states = [
    told('gate-1', 'delay/7', { delayMin: 10, atMs: 2 }, 99),
    told('gate-2', 'delay/7', { delayMin: 20, atMs: 3 }, 1),
    told('gate-1', 'delay/8', { delayMin: 10, atMs: 2 }),
    told('gate-2', 'delay/8', { delayMin: 0, atMs: 3 }),
  ];
  const { delays } = fold(states, [node('gate-1'), node('gate-2')]);
  expect(delays).toEqual([{ showNo: 7, delayMin: 20, atMs: 3 }]);
});

test('a queue is as old as its counter says, and never of the future', () => {
  const states = [
    told('gate-1', 'queue', { waiting: 4, atMs: nowMs - 30_000 }),
    told('gate-2', 'queue', { waiting: 6, atMs: nowMs + 99_000 }),
  ];
  expect(fold(states, [node('gate-1'), node('gate-2')]).waiting).toEqual({
    'gate-1': { count: 4, atMs: nowMs - 30_000 },
    'gate-2': { count: 6, atMs: nowMs },
  });
});

const emergency = (n: number, kind: Emergency['kind'], active = true): Emergency => {
  const emergencyId = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return { emergencyId, active, kind, text: '', screens: [], by: 'x', atMs: n };
};

test('of many emergencies the eight that matter most are shown, the newest first', () => {
  const messages = Array.from({ length: 9 }, (_, n) => emergency(n + 10, 'message'));
  const others = [
    emergency(1, 'evacuate'),
    emergency(2, 'shelter'),
    emergency(3, 'evacuate', false),
  ];
  const { emergencies } = fold([], [], [...others, ...messages]);
  expect(emergencies.map(({ atMs }) => atMs)).toEqual([18, 17, 16, 15, 14, 13, 2, 1]);
});
