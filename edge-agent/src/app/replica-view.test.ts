import { ReplicaStore, type FeedRecord } from '@foyer/cloud-sync/engine';
import { columnsOf, type FeedRow } from '@foyer/contracts';
import { nodeClock, openJournal } from '@foyer/platform/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { viewReplica } from './replica-view.ts';

const epoch = '11111111-1111-4111-8111-111111111111';

let journal: ReturnType<typeof openJournal>;
let replica: ReplicaStore;

beforeEach(() => {
  journal = openJournal({ path: ':memory:', migrations: [] });
  replica = new ReplicaStore(journal);
});

afterEach(() => journal.close());

function node(nodeId: string, status: 'active' | 'revoked', seq: number): FeedRecord {
  const row: FeedRow<'node'> = {
    nodeId,
    role: 'gate',
    name: nodeId,
    auditoriums: [],
    status,
    meshUrl: null,
  };
  const columns = columnsOf('node');
  const enc = JSON.stringify(columns.map((name) => (row as Record<string, unknown>)[name]));
  return { table: 'node', key: nodeId, group: '', seq, columns, enc };
}

function apply(records: readonly FeedRecord[]): void {
  const next = records.at(-1)?.seq ?? 0;
  const position = { feed: 'house', epoch, next, mark: null, floor: undefined } as const;
  replica.applyChunk({ ...position, records, nowMs: 1 });
}

test('reads a row of the house once, and again when the house changed', () => {
  apply([node('gate-1', 'active', 1)]);
  const view = viewReplica(replica, nodeClock());
  const first = view.node('gate-1');
  expect(first?.status).toBe('active');
  expect(view.node('gate-1')).toBe(first);
  expect(view.node('gate-2')).toBeNull();
  apply([node('gate-1', 'revoked', 2), node('gate-2', 'active', 3)]);
  expect(view.node('gate-1')?.status).toBe('revoked');
  expect(view.node('gate-2')?.status).toBe('active');
  expect(view.nodes()).toHaveLength(2);
});

test('sees rows that a snapshot or a repair brought', () => {
  apply([node('gate-1', 'active', 1)]);
  const view = viewReplica(replica, nodeClock());
  expect(view.nodes().map((row) => row.status)).toEqual(['active']);
  const page = { feed: 'house', epoch, head: 2, mark: null, floor: 0, nowMs: 1 } as const;
  const records = [node('gate-1', 'revoked', 2)];
  replica.applyPage({ ...page, after: '', nextAfter: null, records });
  expect(view.node('gate-1')?.status).toBe('revoked');
  const range = { feed: 'house', group: '', from: '', to: '', nowMs: 1 } as const;
  replica.replaceRange({ ...range, records: [node('gate-1', 'active', 2)] });
  expect(view.node('gate-1')?.status).toBe('active');
});
