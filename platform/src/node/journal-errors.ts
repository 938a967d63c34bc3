import { FoyerError, isFoyerError } from '@foyer/contracts';

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** SQLite's code of a file that cannot be read as a database. */
export function isCorruption(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'database-corrupt'
  );
}

// SQLite reports a full disk under SQLITE_FULL when a write hits it, and as an I/O error when the
// shared-memory file cannot grow.
function isFull(code: string): boolean {
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'SQLITE_IOERR_SHMSIZE';
}

/** The FoyerError for what SQLite threw, or the error itself where there is none. */
export function journalError(error: unknown, path: string): unknown {
  if (isFoyerError(error)) return error;
  if (isFull(codeOf(error))) {
    return new FoyerError('disk-full', `The disk that holds ${path} is full.`, { cause: error });
  }
  if (isCorruption(error)) {
    return new FoyerError('database-corrupt', `The database ${path} is damaged.`, {
      cause: error,
    });
  }
  if (codeOf(error).startsWith('SQLITE_BUSY')) {
    return new FoyerError('timeout', `Another process holds the database ${path}.`, {
      cause: error,
      whatToDo: 'Stop the other process: each database file has one writer.',
    });
  }
  return error;
}
