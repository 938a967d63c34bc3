import { sql, type RawBuilder } from 'kysely';

import type { DatabaseKind, Tx } from './database.ts';
import type { Tables } from './tables.ts';

type ColumnType = 'text' | 'bigint';
type Columns<T extends keyof Tables> = { readonly [K in keyof Tables[T] & string]: ColumnType };

/** The columns of the tables that are written in bulk, as in migrations.ts. */
const bulkColumns: {
  readonly [T in 'booking' | 'booking_history' | 'feed_row' | 'seat_claim' | 'ticket']: Columns<T>;
} = {
  booking: {
    booking_id: 'text',
    booking_ref: 'text',
    theatre_no: 'bigint',
    show_no: 'bigint',
    state: 'text',
    total_minor: 'bigint',
    currency: 'text',
    hold_expires_at_ms: 'bigint',
    ticket_class: 'text',
    rotating: 'bigint',
    at_ms: 'bigint',
  },
  booking_history: { booking_id: 'text', step: 'bigint', at_ms: 'bigint', what: 'text' },
  feed_row: {
    theatre_no: 'bigint',
    feed: 'text',
    tbl: 'text',
    key: 'text',
    grp: 'text',
    seq: 'bigint',
    columns_id: 'bigint',
    enc: 'text',
    hash: 'bigint',
    gone_ms: 'bigint',
  },
  seat_claim: {
    theatre_no: 'bigint',
    show_no: 'bigint',
    seat: 'text',
    booking_id: 'text',
    expires_at_ms: 'bigint',
  },
  ticket: {
    ticket_id: 'text',
    booking_id: 'text',
    theatre_no: 'bigint',
    show_no: 'bigint',
    seat: 'text',
    seats: 'text',
    ticket_class: 'text',
    status: 'text',
    price_minor: 'bigint',
  },
};

export type BulkTable = keyof typeof bulkColumns;

function source(kind: DatabaseKind, rows: string, types: readonly ColumnType[]) {
  const cell = (type: ColumnType, at: number) => {
    const value = sql`value ->> ${sql.lit(at)}`;
    return kind === 'postgres' ? sql`CAST(${value} AS ${sql.raw(type)})` : value;
  };
  const from =
    kind === 'postgres'
      ? sql`jsonb_array_elements(CAST(${rows} AS jsonb))`
      : sql`json_each(${rows})`;
  // SQLite reads ON CONFLICT after a bare FROM as a join: WHERE ends the FROM.
  return sql`SELECT ${sql.join(types.map(cell))} FROM ${from} WHERE true`;
}

/**
 * Inserts many rows with one parameter: the statement's text stays the same and short, which is
 * what makes a thousand rows cheap. `conflict` is what follows the rows, such as ON CONFLICT.
 */
export async function insertBulk<T extends BulkTable>(
  tx: Tx,
  kind: DatabaseKind,
  table: T,
  rows: readonly Tables[T][],
  conflict: RawBuilder<unknown> = sql``,
): Promise<void> {
  if (rows.length === 0) return;
  const entries = Object.entries(bulkColumns[table]) as [keyof Tables[T] & string, ColumnType][];
  const names = entries.map(([name]) => name);
  const types = entries.map(([, type]) => type);
  const values = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
  await sql`INSERT INTO ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
    ${source(kind, values, types)} ${conflict}`.execute(tx);
}

/** A condition that a text column is one of many values, with one parameter. */
export function isOneOf(kind: DatabaseKind, column: string, values: readonly string[]) {
  const name = sql.ref(column);
  return kind === 'postgres'
    ? sql<boolean>`${name} = ANY(${[...values]})`
    : sql<boolean>`${name} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}
