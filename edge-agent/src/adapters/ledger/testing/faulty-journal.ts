import type { Journal, SqlValue, Statement } from '@foyer/platform';

/** The process died. */
export class Crash extends Error {}

/** A journal whose process can be made to die before a statement or right after a commit. */
export interface FaultyJournal extends Journal {
  /** Dies when so many more writes have run; `null` never. */
  dieAfterWrites: number | null;
  /** Dies right after the commit of this many more outermost transactions. */
  dieAfterCommits: number | null;
}

export function faultyJournal(inner: Journal): FaultyJournal {
  let depth = 0;
  const journal: FaultyJournal = {
    dieAfterWrites: null,
    dieAfterCommits: null,
    prepare<Row>(sql: string): Statement<Row> {
      const statement = inner.prepare<Row>(sql);
      return {
        run(...values: SqlValue[]) {
          if (journal.dieAfterWrites !== null) {
            if (journal.dieAfterWrites <= 0) {
              journal.dieAfterWrites = null;
              throw new Crash('died before a statement');
            }
            journal.dieAfterWrites -= 1;
          }
          return statement.run(...values);
        },
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
        iterate: (...values) => statement.iterate(...values),
      };
    },
    transaction(work) {
      depth += 1;
      let result;
      try {
        result = inner.transaction(work);
      } finally {
        depth -= 1;
      }
      if (depth === 0 && journal.dieAfterCommits !== null) {
        journal.dieAfterCommits -= 1;
        if (journal.dieAfterCommits <= 0) {
          journal.dieAfterCommits = null;
          throw new Crash('died after a commit');
        }
      }
      return result;
    },
    get commits() {
      return inner.commits;
    },
    close: () => inner.close(),
  };
  return journal;
}
