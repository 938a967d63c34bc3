import type { Journal } from '@foyer/platform';

/** The same journal; `observe` is told the seconds of each outermost transaction. */
export function timedJournal(journal: Journal, observe: (seconds: number) => void): Journal {
  let depth = 0;
  return {
    prepare: (sql) => journal.prepare(sql),
    transaction(work) {
      if (depth > 0) return journal.transaction(work);
      const startedMs = performance.now();
      depth = 1;
      try {
        return journal.transaction(work);
      } finally {
        depth = 0;
        observe((performance.now() - startedMs) / 1000);
      }
    },
    get commits() {
      return journal.commits;
    },
    close: () => journal.close(),
  };
}
