import Sqlite from 'better-sqlite3';
import { FoyerError, isFoyerError } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import {
  Kysely,
  PostgresDialect,
  sql,
  SqliteDialect,
  type SqliteDatabase,
  type Transaction,
} from 'kysely';
import pg from 'pg';

import { migrations } from './migrations.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;
export type DatabaseKind = 'sqlite' | 'postgres';

export type DatabaseConfig =
  | { kind: 'sqlite'; path: string }
  | { kind: 'postgres'; url: string; poolSize?: number };

/** The cloud end's database, SQLite or PostgreSQL. */
export interface Store {
  readonly db: Db;
  readonly kind: DatabaseKind;
  /** Transactions that were run again after a deadlock or a serialisation failure. */
  readonly retries: number;
  /**
   * Runs `work` in one transaction. After a deadlock it is run again, at most 5 times; it must
   * therefore have no effect outside. Throws FoyerError `disk-full` or `database-corrupt`.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const maxTries = 5;
/**
 * Numbers of rows that one statement inserts: ten columns stay below SQLite's 32,766 parameters.
 */
export const rowsPerStatement = 1000;

/** A row lock of PostgreSQL; SQLite has one writer, who needs none. */
export function forUpdate(kind: DatabaseKind) {
  return kind === 'postgres' ? sql` FOR UPDATE` : sql``;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40P01' || code === '40001';
}

/** A violated primary key or unique index, on either database. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === '23505' || code.startsWith('SQLITE_CONSTRAINT');
}

function databaseError(error: unknown): unknown {
  if (isFoyerError(error)) return error;
  const code = codeOf(error);
  if (code === 'SQLITE_FULL' || code === '53100') {
    return new FoyerError('disk-full', "The cloud database's disk is full.", { cause: error });
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new FoyerError('database-corrupt', 'The cloud database is damaged.', {
      cause: error,
      whatToDo: 'Restore the newest backup: theatres send again what it lacks.',
    });
  }
  return error;
}

class SqlStore implements Store {
  readonly db: Db;
  readonly kind: DatabaseKind;
  readonly #logger: Logger | undefined;
  #retries = 0;
  #closed: Promise<void> | undefined;

  constructor(db: Db, kind: DatabaseKind, logger?: Logger) {
    this.db = db;
    this.kind = kind;
    this.#logger = logger;
  }

  get retries(): number {
    return this.#retries;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.db.transaction().execute(work);
      } catch (error) {
        if (!isConflict(error) || attempt === maxTries) throw databaseError(error);
        this.#retries += 1;
        this.#logger?.warn('transaction-retried', { attempt, code: codeOf(error) });
      }
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.db.destroy());
  }
}

function sqliteDialect(path: string): SqliteDialect {
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('temp_store = MEMORY');
  database.pragma('busy_timeout = 5000');
  database.pragma('cache_size = -32000');
  return new SqliteDialect({ database: preparingOnce(database) });
}

/** Beyond what the cloud end's queries are; inserts of many rows have a text for each number. */
const mostStatements = 500;

/** Kysely prepares a query each time that it runs it: this keeps the last ones' statements. */
function preparingOnce(database: Sqlite.Database): SqliteDatabase {
  const statements = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return {
    prepare(text) {
      let statement = statements.get(text);
      if (statement === undefined) {
        if (statements.size >= mostStatements) statements.clear();
        statement = database.prepare(text);
        statements.set(text, statement);
      }
      return statement;
    },
    close: () => database.close(),
  };
}

// Every bigint of ours (times, sequence numbers, 48-bit hashes) is a safe integer.
const int8Oid = 20;
const numericOid = 1700;

function postgresDialect(url: string, poolSize: number, logger?: Logger): PostgresDialect {
  const types = new pg.TypeOverrides();
  types.setTypeParser(int8Oid, Number);
  types.setTypeParser(numericOid, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    types,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
  });
  // A connection that the server ends is replaced, idle or in a transaction; what was in it fails.
  // Without a listener, the pool's and each client's, it would end us.
  const lost = (error: Error): void => {
    logger?.warn('postgres-connection-lost', { reason: error.message });
  };
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return new PostgresDialect({ pool });
}

async function applyMigrations(store: SqlStore): Promise<void> {
  const keyType = store.kind === 'postgres' ? 'text COLLATE "C"' : 'text';
  await store.transaction(async (tx) => {
    // Several workers may start at once: one migrates, the others wait for it.
    if (store.kind === 'postgres') await sql`SELECT pg_advisory_xact_lock(7064)`.execute(tx);
    await sql`CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)`.execute(tx);
    const found = await sql<{ version: number | null }>`
      SELECT max(version) AS version FROM schema_version`.execute(tx);
    const version = found.rows[0]?.version ?? 0;
    if (version > migrations.length) {
      throw new FoyerError(
        'unsupported-version',
        `The cloud database has schema ${version}; this program knows ${migrations.length}.`,
      );
    }
    for (const [index, steps] of migrations.entries()) {
      if (index < version) continue;
      for (const step of steps) {
        await sql.raw(step.replace(/\bKEY(?= NOT NULL)/g, keyType)).execute(tx);
      }
      await sql`INSERT INTO schema_version (version) VALUES (${index + 1})`.execute(tx);
    }
  });
}

/** Opens the database and brings its schema up to date. */
export async function openStore(config: DatabaseConfig, logger?: Logger): Promise<Store> {
  const dialect =
    config.kind === 'sqlite'
      ? sqliteDialect(config.path)
      : postgresDialect(config.url, config.poolSize ?? 16, logger);
  const store = new SqlStore(new Kysely<Tables>({ dialect }), config.kind, logger);
  try {
    await applyMigrations(store);
    return store;
  } catch (error) {
    await store.close();
    throw databaseError(error);
  }
}
