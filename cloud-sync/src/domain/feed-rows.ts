import {
  columnsOf,
  feedTables,
  type FeedName,
  type FeedRow,
  type FeedTable,
} from '@foyer/contracts';

/** A change of a feed, before it has a number. */
export interface FeedChange {
  feed: FeedName;
  table: FeedTable;
  key: string;
  /** What it is counted under in digests. */
  group: string;
  columns: readonly string[];
  /** The row's encoding; null for a row that is gone. */
  enc: string | null;
}

const columnsByTable = new Map<FeedTable, readonly string[]>();

function columns(table: FeedTable): readonly string[] {
  let known = columnsByTable.get(table);
  if (known === undefined) {
    known = columnsOf(table);
    columnsByTable.set(table, known);
  }
  return known;
}

/** A row as its feed carries it. */
export function changeOf<T extends FeedTable>(table: T, row: FeedRow<T>): FeedChange {
  const { feed, key, group } = feedTables[table];
  const values = row as Record<string, unknown>;
  const names = columns(table);
  return {
    feed,
    table,
    key: String(values[key]),
    group: group === null ? '' : String(values[group]),
    columns: names,
    enc: JSON.stringify(names.map((name) => values[name] ?? null)),
  };
}

/** The end of a row. `group` is what it was counted under. */
export function removalOf(table: FeedTable, key: string, group = ''): FeedChange {
  return { feed: feedTables[table].feed, table, key, group, columns: columns(table), enc: null };
}

/** The last change of each row; an earlier one of the same commit was never visible. */
export function newestOfEach(changes: readonly FeedChange[]): FeedChange[] {
  const byRow = new Map<string, FeedChange>();
  for (const change of changes) {
    const row = `${change.table}/${change.key}`;
    byRow.delete(row);
    byRow.set(row, change);
  }
  return [...byRow.values()];
}
