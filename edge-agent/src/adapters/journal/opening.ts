import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFoyerError } from '@foyer/contracts';
import type { Journal, Logger, Migration } from '@foyer/platform';
import { openJournal } from '@foyer/platform/node';

/** A database that could not be read and was set aside. */
export interface SetAside {
  /** The file now. */
  path: string;
  reason: string;
}

export interface OpenedJournal {
  journal: Journal;
  /** Null when the file was sound, or there was none. */
  setAside: SetAside | null;
}

export interface OpeningOptions {
  path: string;
  migrations: readonly Migration[];
  logger: Logger;
  nowMs: number;
  /** The last run found damage: the file is set aside without another look. */
  distrusted?: boolean;
}

/** SQLite's own files beside the database. They belong together: a WAL without its file is nothing. */
const companions = ['', '-wal', '-shm'];

function setAsideFiles(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 14);
  let target = `${path}.damaged-${stamp}`;
  for (let n = 2; existsSync(target); n += 1) target = `${path}.damaged-${stamp}-${n}`;
  for (const suffix of companions) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}

// Reads the schema and the two ends of each table that a start needs; not the whole file, because
// damage further inside shows itself when it is read, and a start must not take seconds.
function open(options: OpeningOptions): Journal {
  const journal = openJournal(options);
  try {
    const tables = journal
      .prepare<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all();
    for (const { name } of tables) {
      journal.prepare(`SELECT * FROM "${name}" LIMIT 1`).get();
    }
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}

/**
 * Opens the agent's database. A damaged one is set aside, never deleted, and an empty one takes its
 * place; what it held comes back from the upstream, the peers, and the file set aside. Throws what
 * `openJournal` throws otherwise.
 */
export function openAgentJournal(options: OpeningOptions): OpenedJournal {
  const { path, logger } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let reason = 'damage was met while it was in use';
  if (options.distrusted !== true) {
    try {
      return { journal: open(options), setAside: null };
    } catch (error) {
      if (!isFoyerError(error) || error.code !== 'database-corrupt') throw error;
      reason = error.cause instanceof Error ? error.cause.message : error.message;
    }
  }
  const aside = setAsideFiles(path, options.nowMs);
  logger.error('database-quarantined', { path: aside, reason });
  return { journal: open(options), setAside: { path: aside, reason } };
}
