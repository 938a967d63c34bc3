import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { openJournal } from '@foyer/platform/node';

const commits = 300;
const rowChars = 100;

/**
 * Times bare commits: one row of 100 characters, SQLite with `synchronous=FULL`, on the disk that
 * holds `dir`. Nothing that admits can be quicker than this.
 * @returns milliseconds, one for each commit.
 */
export async function commitTimes(dir: string): Promise<number[]> {
  const own = mkdtempSync(join(dir, 'commit-'));
  const journal = openJournal({
    path: join(own, 'floor.db'),
    migrations: ['CREATE TABLE floor (id INTEGER PRIMARY KEY, text TEXT NOT NULL)'],
  });
  try {
    const insert = journal.prepare('INSERT INTO floor (text) VALUES (?)');
    const text = 'x'.repeat(rowChars);
    const times: number[] = [];
    for (let index = 0; index < commits; index += 1) {
      const startMs = performance.now();
      insert.run(text);
      times.push(performance.now() - startMs);
      await setImmediate();
    }
    return times;
  } finally {
    journal.close();
    rmSync(own, { recursive: true, force: true });
  }
}
