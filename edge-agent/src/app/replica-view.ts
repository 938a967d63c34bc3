import { rowOf, type ReplicaStore } from '@foyer/cloud-sync/engine';
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

/** Reads the replica through the contracts; a row that they do not know is as good as none. */
export function viewReplica(replica: ReplicaStore, clock: Clock): HouseView {
  const one = <T extends FeedTable>(table: T, key: string): FeedRow<T> | null =>
    rowOf(table, replica.get(feedTables[table].feed, table, key));
  const all = <T extends FeedTable>(table: T): FeedRow<T>[] =>
    replica.all(feedTables[table].feed, table).flatMap((record) => rowOf(table, record) ?? []);
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
      const ageMs = appliedMs === null ? null : Math.max(0, Math.round(clock.nowMs() - appliedMs));
      return { seq: cursor, ageMs };
    },
    shows: () => all('show'),
    nodes: () => all('node'),
    ticketsByShow() {
      const digests = replica.groupDigests('tickets');
      return new Map([...digests].map(([group, digest]) => [group, digest.count]));
    },
  };
}
