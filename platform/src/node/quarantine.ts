import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import Database from 'better-sqlite3';

import type { Journal, SqlValue } from '../journal.ts';
import { isCorruption, journalError } from './journal-errors.ts';
import { openJournal, type JournalOptions } from './journal.ts';

/** How many set-aside files are kept beside a database. */
const maxQuarantined = 3;
const companions = ['', '-wal', '-shm'] as const;

export interface OpenedJournal {
  journal: Journal;
  /** The damaged file that was set aside, to salvage rows from; null when the file was sound. */
  quarantined: string | null;
}

export interface QuarantineOptions extends JournalOptions {
  /** UTC milliseconds: part of the set-aside file's name. */
  nowMs: number;
}

/**
 * Opens a journal; a file that is damaged, or no database at all, is renamed with its WAL to
 * `NAME.corrupt-MS` and a fresh one is opened in its place. At most 3 such files are kept. Any
 * other error is thrown as by `openJournal`.
 */
export function openOrQuarantine(options: QuarantineOptions): OpenedJournal {
  try {
    return { journal: openSound(options), quarantined: null };
  } catch (error) {
    if (!isCorruption(error)) throw error;
    const quarantined = setAside(options.path, options.nowMs);
    options.logger?.error('database-quarantined', {
      path: options.path,
      quarantined,
      reason: reasonOf(error),
    });
    return { journal: openJournal(options), quarantined };
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : 'unknown';
}

function openSound(options: JournalOptions): Journal {
  const journal = openJournal(options);
  try {
    const [first] = journal.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').all();
    if (first?.quick_check === 'ok') return journal;
    const damage = Object.assign(new Error(first?.quick_check ?? 'no answer'), {
      code: 'SQLITE_CORRUPT',
    });
    throw journalError(damage, options.path);
  } catch (error) {
    journal.close();
    throw error;
  }
}

function setAside(path: string, nowMs: number): string {
  let target = `${path}.corrupt-${nowMs}`;
  for (let n = 2; existsSync(target); n += 1) target = `${path}.corrupt-${nowMs}-${n}`;
  for (const suffix of companions) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  dropOldest(path);
  return target;
}

function dropOldest(path: string): void {
  const prefix = `${basename(path)}.corrupt-`;
  const old = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name))
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  for (const name of old.slice(0, -maxQuarantined)) {
    for (const suffix of companions) {
      rmSync(join(dirname(path), name + suffix), { force: true });
    }
  }
}

/**
 * The rows that a query can still read from a damaged file, at most `maxRows`. Damage ends the
 * reading, never throws: an empty list means that nothing could be read.
 */
export function salvage(path: string, sql: string, maxRows = 1_000_000): unknown[] {
  const rows: unknown[] = [];
  let database: Database.Database | undefined;
  try {
    // Not read-only: SQLite must recover the WAL, in which the newest rows are.
    database = new Database(path, { fileMustExist: true });
    for (const row of database.prepare<SqlValue[]>(sql).iterate()) {
      if (rows.length >= maxRows) break;
      rows.push(row);
    }
  } catch {
    // What was read up to the damage is the result.
  } finally {
    closeQuietly(database);
  }
  return rows;
}

function closeQuietly(database: Database.Database | undefined): void {
  try {
    database?.close();
  } catch {
    // A damaged file may not even close; its rows have been read.
  }
}
