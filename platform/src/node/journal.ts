import { statSync } from 'node:fs';

import Database from 'better-sqlite3';
import { FoyerError } from '@foyer/contracts';

import type { Journal, Migration, SqlValue, Statement } from '../journal.ts';
import type { Logger } from '../logger.ts';
import { journalError } from './journal-errors.ts';

export interface JournalOptions {
  /** The file, or `:memory:`. */
  path: string;
  /** Numbered from 1 by their place; forward only. */
  migrations: readonly Migration[];
  logger?: Logger;
  /** How long to wait for another process's lock; 5,000 when absent. */
  busyTimeoutMs?: number;
  /** The WAL is checkpointed and cut back beyond this; 64 MiB when absent. */
  maxWalBytes?: number;
}

/** A checkpoint is tried each time that the WAL has grown by so many pages of 4 KiB. */
const autoCheckpointPages = 1000;
/** A WAL that a checkpoint emptied is cut back to this size. */
const idleWalBytes = 8 * 1_048_576;
const defaultMaxWalBytes = 64 * 1_048_576;
/** The file size is looked at once in so many commits. */
const walLookCommits = 256;

class SqliteJournal implements Journal {
  readonly #database: Database.Database;
  readonly #options: JournalOptions;
  readonly #statements = new Map<string, Statement>();
  #commits = 0;
  #depth = 0;
  #wrote = false;
  #closed = false;

  constructor(database: Database.Database, options: JournalOptions) {
    this.#database = database;
    this.#options = options;
  }

  get commits(): number {
    return this.#commits;
  }

  prepare<Row = unknown>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#wrap(this.#guard(() => this.#database.prepare<SqlValue[]>(sql)));
      this.#statements.set(sql, statement);
    }
    return statement as Statement<Row>;
  }

  transaction<T>(work: () => T): T {
    return this.#depth === 0 ? this.#outermost(work) : this.#nested(work);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw journalError(error, this.#options.path);
    }
  }

  #wrap(statement: Database.Statement<SqlValue[]>): Statement {
    const path = this.#options.path;
    const writes = !statement.readonly;
    const call = <T>(act: () => T): T => {
      try {
        const result = act();
        if (writes) this.#noteWrite();
        return result;
      } catch (error) {
        throw journalError(error, path);
      }
    };
    return {
      run: (...values) => call(() => ({ changes: statement.run(...values).changes })),
      get: (...values) => call(() => statement.get(...values)),
      all: (...values) => call(() => statement.all(...values)),
      iterate: (...values) => call(() => statement.iterate(...values)),
    };
  }

  #noteWrite(): void {
    if (this.#depth > 0) this.#wrote = true;
    else this.#noteCommit();
  }

  #noteCommit(): void {
    this.#commits += 1;
    if (this.#commits % walLookCommits === 0) this.#boundWal();
  }

  #outermost<T>(work: () => T): T {
    this.#execute('BEGIN IMMEDIATE');
    this.#depth = 1;
    this.#wrote = false;
    try {
      const result = work();
      refusePromise(result);
      this.#execute('COMMIT');
      this.#depth = 0;
      if (this.#wrote) this.#noteCommit();
      return result;
    } catch (error) {
      this.#depth = 0;
      // SQLite rolls back by itself after some errors; a second ROLLBACK would hide the first.
      if (this.#database.open && this.#database.inTransaction) this.#execute('ROLLBACK');
      throw journalError(error, this.#options.path);
    }
  }

  #nested<T>(work: () => T): T {
    const name = `nested_${this.#depth}`;
    this.#execute(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      const result = work();
      refusePromise(result);
      this.#execute(`RELEASE ${name}`);
      return result;
    } catch (error) {
      if (this.#database.open && this.#database.inTransaction) {
        this.#execute(`ROLLBACK TO ${name}`);
        this.#execute(`RELEASE ${name}`);
      }
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  #execute(sql: string): void {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const prepared = this.#guard(() => this.#database.prepare<SqlValue[]>(sql));
      statement = {
        run: () => ({ changes: prepared.run().changes }),
        get: () => undefined,
        all: () => [],
        iterate: () => [][Symbol.iterator](),
      };
      this.#statements.set(sql, statement);
    }
    const control = statement;
    this.#guard(() => control.run());
  }

  #boundWal(): void {
    if (this.#options.path === ':memory:') return;
    const size = statSync(`${this.#options.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= (this.#options.maxWalBytes ?? defaultMaxWalBytes)) return;
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
      this.#options.logger?.warn('wal-cut-back', { path: this.#options.path, sizeBytes: size });
    } catch (error) {
      // It runs after a COMMIT that stands: an error here must not look like one of the
      // transaction.
      this.#options.logger?.error('wal-not-cut-back', { sizeBytes: size, message: String(error) });
    }
  }
}

function refusePromise(result: unknown): void {
  if (result instanceof Promise) {
    throw new TypeError('A transaction is synchronous: its work must not return a promise.');
  }
}

function migrate(database: Database.Database, options: JournalOptions): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > options.migrations.length) {
    throw new FoyerError(
      'unsupported-version',
      `The database ${options.path} has schema version ${version}; ` +
        `this program knows versions up to ${options.migrations.length}.`,
      { whatToDo: 'Install the newer program again: a database is never taken back a version.' },
    );
  }
  for (const [index, step] of options.migrations.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(step);
      database.pragma(`user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
    options.logger?.info('schema-migrated', { path: options.path, version: index + 1 });
  }
}

function configure(database: Database.Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('temp_store = MEMORY');
  database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
  database.pragma(`journal_size_limit = ${idleWalBytes}`);
}

/**
 * Opens a SQLite file as its one writer and brings its schema up to date: WAL, synchronous=FULL.
 *
 * Throws FoyerError `database-corrupt`, `disk-full`, `timeout` (another process holds it) or
 * `unsupported-version` (a newer program wrote it). While an `iterate` runs, SQLite takes no write
 * on the same connection. Blobs come back as Buffers.
 */
export function openJournal(options: JournalOptions): Journal {
  let database: Database.Database | undefined;
  try {
    database = new Database(options.path, { timeout: options.busyTimeoutMs ?? 5000 });
    configure(database);
    migrate(database, options);
    return new SqliteJournal(database, options);
  } catch (error) {
    database?.close();
    throw journalError(error, options.path);
  }
}
