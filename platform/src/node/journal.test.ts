import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openJournal } from './journal.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'foyer-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const migrations = ['CREATE TABLE a (x INTEGER PRIMARY KEY)'];

test('counts one commit a transaction that writes, and none for one that only reads', () => {
  const journal = openJournal({ path: join(dir, 'a.db'), migrations });
  const insert = journal.prepare('INSERT INTO a VALUES (?)');
  journal.transaction(() => {
    insert.run(1);
    insert.run(2);
  });
  journal.transaction(() => journal.prepare('SELECT * FROM a').all());
  expect(journal.commits).toBe(1);
  insert.run(3);
  expect(journal.commits).toBe(2);
  journal.close();
});

test('refuses a file that a newer program wrote', () => {
  const path = join(dir, 'a.db');
  openJournal({ path, migrations: [...migrations, 'CREATE TABLE b (x)'] }).close();
  expect(() => openJournal({ path, migrations })).toThrow(/schema version 2/);
});
