import { ageOf, rowOf, type ReplicaStore } from '@foyer/cloud-sync/engine';
import { feedTables, type FeedRow, type FeedTable } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import type { ReplicaView } from '../domain/admission/ports.ts';

/** Typed rows of the replica, for admission and for the local API. */
export interface HouseView extends ReplicaView {
  shows(): FeedRow<'show'>[];
  nodes(): FeedRow<'node'>[];
  /** Tickets of each show, by show number as text. */
  ticketsByShow(): ReadonlyMap<string, number>;
}

/** Answers that are kept at most; a house has a few hundred rows. */
const mostKept = 10_000;

/**
 * Keeps what was read of the house until the house changes: every scan asks for the same dozen
 * rows, and reading and checking them took longer than deciding.
 */
function keeper(replica: ReplicaStore) {
  const kept = new Map<string, unknown>();
  let version = -1;
  return <T>(name: string, read: () => T): T => {
    const now = replica.version('house');
    if (now !== version || kept.size >= mostKept) kept.clear();
    version = now;
    if (!kept.has(name)) kept.set(name, read());
    return kept.get(name) as T;
  };
}

/** Reads the replica through the contracts; a row that they do not know is as good as none. */
export function viewReplica(replica: ReplicaStore, clock: Clock): HouseView {
  const keep = keeper(replica);
  let sold: { version: number; byShow: ReadonlyMap<string, number> } | null = null;
  const read = <T extends FeedTable>(table: T, key: string): FeedRow<T> | null =>
    rowOf(table, replica.get(feedTables[table].feed, table, key));
  const one = <T extends FeedTable>(table: T, key: string): FeedRow<T> | null =>
    feedTables[table].feed === 'house'
      ? keep(`${table}/${key}`, () => read(table, key))
      : read(table, key);
  const all = <T extends FeedTable>(table: T): FeedRow<T>[] =>
    keep(table, () =>
      replica.all(feedTables[table].feed, table).flatMap((record) => rowOf(table, record) ?? []),
    );
  return {
    ticket: (id) => one('ticket', id),
    show: (no) => one('show', String(no)),
    film: (id) => one('film', id),
    auditorium: (id) => one('auditorium', id),
    theatre: () => all('theatre')[0] ?? null,
    key: (id) => one('key', String(id)),
    showKey: (no) => one('show-key', String(no)),
    configEpoch: (number) => one('config-epoch', String(number)),
    configEpochs: () => all('config-epoch'),
    node: (id) => one('node', id),
    cursor() {
      const { cursor, appliedMs } = replica.position('tickets');
      return { seq: cursor, ageMs: ageOf(appliedMs, clock.nowMs()) };
    },
    shows: () => all('show'),
    nodes: () => all('node'),
    ticketsByShow() {
      const version = replica.version('tickets');
      if (sold?.version === version) return sold.byShow;
      const digests = replica.groupDigests('tickets');
      const byShow = new Map([...digests].map(([group, digest]) => [group, digest.count]));
      sold = { version, byShow };
      return byShow;
    },
  };
}
