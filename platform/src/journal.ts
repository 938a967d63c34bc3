/** Values that SQLite stores. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface Statement<Row = unknown> {
  run(...values: SqlValue[]): { changes: number };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
  iterate(...values: SqlValue[]): IterableIterator<Row>;
}

/**
 * One SQLite file with one writer: WAL, synchronous=FULL. Everything is synchronous, so that a
 * decision and its commit are one uninterrupted step.
 */
export interface Journal {
  /** Prepared once per text and kept. */
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /**
   * Runs `work` in one transaction (BEGIN IMMEDIATE; a savepoint when nested) and returns its
   * value. Throws FoyerError `disk-full` or `database-corrupt` where SQLite says so; nothing was
   * applied.
   */
  transaction<T>(work: () => T): T;
  /** Durable commits so far; each is one fsync of the WAL. */
  readonly commits: number;
  close(): void;
}

/** A numbered, forward-only step of a schema. The number is its place in the list, from 1. */
export type Migration = string;
