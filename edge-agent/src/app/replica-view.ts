import type { ReplicaStore } from '@foyer/cloud-sync/engine';
import { columnsOf, feedTables, type FeedRow, type FeedTable } from '@foyer/contracts';
import type { Clock, Logger } from '@foyer/platform';
import type { ReplicaView } from '../domain/admission/ports.ts';

/** Typed rows of the replica, for admission and for the local API. */
export interface HouseView extends ReplicaView {
  shows(): FeedRow<'show'>[];
  nodes(): FeedRow<'node'>[];
  /** Tickets of each show, by show number as text. */
  ticketsByShow(): ReadonlyMap<string, number>;
}

interface StoredRow {
  columns: readonly string[];
  enc: string | null;
}

/** Parses rows by the columns that they were written with; one that does not fit is reported once. */
class RowReader {
  readonly #store: ReplicaStore;
  readonly #logger: Logger;
  readonly #reported = new Set<string>();

  constructor(store: ReplicaStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  one<T extends FeedTable>(table: T, key: string): FeedRow<T> | null {
    const record = this.#store.get(feedTables[table].feed, table, key);
    return record === undefined ? null : this.#parse(table, record);
  }

  all<T extends FeedTable>(table: T): FeedRow<T>[] {
    return this.#store
      .all(feedTables[table].feed, table)
      .map((record) => this.#parse(table, record))
      .filter((row) => row !== null);
  }

  #parse<T extends FeedTable>(table: T, record: StoredRow): FeedRow<T> | null {
    if (record.enc === null) return null;
    const values: unknown = JSON.parse(record.enc);
    if (!Array.isArray(values)) return null;
    const names = record.columns.length > 0 ? record.columns : columnsOf(table);
    const row = Object.fromEntries(names.map((name, at) => [name, values[at] as unknown]));
    const parsed = feedTables[table].schema.safeParse(row);
    if (parsed.success) return parsed.data as FeedRow<T>;
    if (!this.#reported.has(table)) {
      this.#reported.add(table);
      const issue = parsed.error.issues[0];
      this.#logger.error('row-not-understood', {
        table,
        column: issue?.path.join('.') ?? '',
        detail: issue?.message ?? '',
      });
    }
    return null;
  }
}

/** `checkedMonotonicMs` tells when the upstream last confirmed the tickets feed, or null. */
export function viewReplica(deps: {
  replica: ReplicaStore;
  clock: Clock;
  logger: Logger;
}): HouseView {
  const { replica, clock } = deps;
  const rows = new RowReader(replica, deps.logger);
  return {
    ticket: (id) => rows.one('ticket', id),
    show: (no) => rows.one('show', String(no)),
    film: (id) => rows.one('film', id),
    auditorium: (id) => rows.one('auditorium', id),
    theatre: () => rows.all('theatre')[0] ?? null,
    key: (id) => rows.one('key', String(id)),
    showKey: (no) => rows.one('show-key', String(no)),
    configEpoch: (number) => rows.one('config-epoch', String(number)),
    configEpochs: () => rows.all('config-epoch'),
    node: (id) => rows.one('node', id),
    cursor() {
      const { cursor, appliedMs } = replica.position('tickets');
      const ageMs = appliedMs === null ? null : Math.max(0, clock.nowMs() - appliedMs);
      return { seq: cursor, ageMs };
    },
    shows: () => rows.all('show'),
    nodes: () => rows.all('node'),
    ticketsByShow() {
      const digests = replica.groupDigests('tickets');
      return new Map([...digests].map(([group, digest]) => [group, digest.count]));
    },
  };
}
