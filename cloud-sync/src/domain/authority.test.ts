import type { FeedRow } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { refuseEvents, refuseFeed } from './authority.ts';

type NodeRow = FeedRow<'node'>;

function row(nodeId: string, role: NodeRow['role'], status: NodeRow['status'] = 'active'): NodeRow {
  return { nodeId, role, name: '', auditoriums: [], status, meshUrl: null };
}

const theatre = row('theatre', 'theatre');
const gate = row('gate-1', 'gate');
const screen = row('screen-1', 'screen');
const ledgerOf = (node: string) => ({ node, lane: 'ledger' }) as const;

test('a node speaks for itself, and only the theatre agent for others of its theatre', () => {
  expect(refuseEvents(gate, ledgerOf('gate-1'), gate)).toBeNull();
  expect(refuseEvents(gate, ledgerOf('gate-2'), row('gate-2', 'gate'))).toBe('foreign-events');
  expect(refuseEvents(theatre, ledgerOf('gate-1'), gate)).toBeNull();
  expect(refuseEvents(theatre, ledgerOf('gate-7'), undefined)).toBe('unknown-node');
});

test('who is unknown or revoked says nothing; what happened before is still passed on', () => {
  const revoked = row('gate-1', 'gate', 'revoked');
  expect(refuseEvents(undefined, ledgerOf('gate-1'), undefined)).toBe('unknown-node');
  expect(refuseEvents(revoked, ledgerOf('gate-1'), revoked)).toBe('revoked-node');
  expect(refuseEvents(theatre, ledgerOf('gate-1'), revoked)).toBeNull();
});

test('a screen admits nobody, whoever carries its word, and reads neither tickets nor keys', () => {
  expect(refuseEvents(screen, ledgerOf('screen-1'), screen)).toBe('wrong-role');
  expect(refuseEvents(theatre, ledgerOf('screen-1'), screen)).toBe('wrong-role');
  expect(refuseEvents(screen, { node: 'screen-1', lane: 'telemetry' }, screen)).toBeNull();
  expect(refuseFeed(screen, 'house')).toBeNull();
  for (const feed of ['tickets', 'secrets'] as const) {
    expect(refuseFeed(screen, feed)).toBe('foreign-feed');
  }
});
