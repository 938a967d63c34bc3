import type { ShowNo } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

/** A delay that was told at this node; 0 minutes: it is over. */
export interface ToldDelay {
  showNo: ShowNo;
  delayMin: number;
  atMs: number;
}

/** Delays that were told at this node. */
export interface DelayStore {
  all(): ToldDelay[];
  put(delay: ToldDelay): void;
  remove(showNo: ShowNo): void;
}

export function openDelays(journal: Journal): DelayStore {
  const read = journal.prepare<ToldDelay>(
    `SELECT show_no AS showNo, delay_min AS delayMin, at_ms AS atMs FROM signage_delay
     ORDER BY at_ms, show_no`,
  );
  const write = journal.prepare('INSERT OR REPLACE INTO signage_delay VALUES (?, ?, ?)');
  const remove = journal.prepare('DELETE FROM signage_delay WHERE show_no = ?');
  return {
    all: () => read.all(),
    put: ({ showNo, delayMin, atMs }) => void write.run(showNo, delayMin, atMs),
    remove: (showNo) => void remove.run(showNo),
  };
}
