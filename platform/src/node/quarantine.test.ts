import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { makeTempDir, removeTempDir } from '../testing/cleanup.ts';
import { simLogger } from '../sim/logger.ts';
import { openJournal } from './journal.ts';
import { openOrQuarantine, salvage } from './quarantine.ts';

const migrations = ['CREATE TABLE event (n INTEGER PRIMARY KEY, text TEXT)'];
let dir = '';
let path = '';
beforeEach(() => {
  dir = makeTempDir('quarantine');
  path = join(dir, 'gate.db');
});
afterEach(() => removeTempDir(dir));

function fill(rows: number): void {
  const journal = openJournal({ path, migrations });
  journal.transaction(() => {
    const insert = journal.prepare('INSERT INTO event VALUES (?, ?)');
    for (let n = 1; n <= rows; n += 1) insert.run(n, `event ${n} `.padEnd(200, 'x'));
  });
  journal.close();
}

test('a sound file is opened as it is', () => {
  fill(10);
  const { journal, quarantined } = openOrQuarantine({ path, migrations, nowMs: 5 });
  expect(quarantined).toBeNull();
  expect(journal.prepare('SELECT count(*) AS n FROM event').get()).toEqual({ n: 10 });
  journal.close();
});

test('a file that is no database is set aside, and a fresh one opened', () => {
  writeFileSync(path, 'this is not a database, whatever its name says'.repeat(50));
  const logger = simLogger();
  const { journal, quarantined } = openOrQuarantine({ path, migrations, nowMs: 5, logger });
  expect(quarantined).toBe(`${path}.corrupt-5`);
  expect(readFileSync(`${path}.corrupt-5`, 'utf8')).toMatch(/^this is not/);
  expect(journal.prepare('SELECT count(*) AS n FROM event').get()).toEqual({ n: 0 });
  expect(logger.of('database-quarantined')).toHaveLength(1);
  expect(salvage(`${path}.corrupt-5`, 'SELECT * FROM event')).toEqual([]);
  journal.close();
});

test('damage in the middle is found at once, and rows before it are salvaged', () => {
  fill(2000);
  const content = readFileSync(path);
  content.fill(0xa5, 4096 * 60, 4096 * 64);
  writeFileSync(path, content);
  const { journal, quarantined } = openOrQuarantine({ path, migrations, nowMs: 7 });
  expect(quarantined).toBe(`${path}.corrupt-7`);
  const rows = salvage(quarantined ?? '', 'SELECT n FROM event ORDER BY n') as { n: number }[];
  expect(rows.length).toBeGreaterThan(500);
  expect(rows.length).toBeLessThan(2000);
  expect(rows.map((row) => row.n)).toEqual(rows.map((_row, index) => index + 1));
  journal.close();
});

test('at most three set-aside files are kept, the newest', () => {
  for (let nowMs = 8; nowMs <= 12; nowMs += 1) {
    writeFileSync(path, 'garbage garbage garbage garbage'.repeat(100));
    openOrQuarantine({ path, migrations, nowMs }).journal.close();
  }
  const kept = readdirSync(dir).filter((name) => /corrupt-\d+$/.test(name));
  expect(kept.toSorted((a, b) => a.localeCompare(b))).toEqual([
    'gate.db.corrupt-10',
    'gate.db.corrupt-11',
    'gate.db.corrupt-12',
  ]);
});
