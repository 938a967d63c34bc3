import { statSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Journal } from '../journal.ts';
import { simLogger } from '../sim/logger.ts';
import { makeTempDir, removeTempDir } from '../testing/cleanup.ts';
import { openJournal } from './journal.ts';

const migrations = [
  'CREATE TABLE a (x INTEGER PRIMARY KEY, text TEXT)',
  "ALTER TABLE a ADD COLUMN note TEXT DEFAULT 'none'",
  'CREATE TABLE b (x INTEGER); INSERT INTO b SELECT x FROM a',
];

let dir = '';
let path = '';
const opened: Journal[] = [];
beforeEach(() => {
  dir = makeTempDir('journal');
  path = join(dir, 'a.db');
});
afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
  removeTempDir(dir);
});

function open(options: Partial<Parameters<typeof openJournal>[0]> = {}): Journal {
  const journal = openJournal({ path, migrations, ...options });
  opened.push(journal);
  return journal;
}

function pragma(journal: Journal, name: string): unknown {
  return Object.values(journal.prepare<object>(`PRAGMA ${name}`).get() ?? {})[0];
}

test('WAL, synchronous=FULL and foreign keys are on', () => {
  const journal = open();
  expect(pragma(journal, 'journal_mode')).toBe('wal');
  expect(pragma(journal, 'synchronous')).toBe(2);
  expect(pragma(journal, 'foreign_keys')).toBe(1);
});

test.each([0, 1, 2, 3])('a file of schema version %i is brought up to date', (version) => {
  const old = open({ migrations: migrations.slice(0, version) });
  if (version > 0) old.prepare('INSERT INTO a (x) VALUES (7)').run();
  old.close();
  const journal = open();
  expect(pragma(journal, 'user_version')).toBe(3);
  const rows = journal.prepare('SELECT x, note FROM a').all();
  expect(rows).toEqual(version > 0 ? [{ x: 7, note: 'none' }] : []);
});

test('a migration that fails leaves the version before it', () => {
  const failing = [migrations[0] ?? '', 'CREATE TABLE c (x); INSERT INTO nowhere VALUES (1)'];
  expect(() => open({ migrations: failing })).toThrow(/nowhere/);
  const journal = open({ migrations: migrations.slice(0, 1) });
  expect(pragma(journal, 'user_version')).toBe(1);
  expect(() => journal.prepare('SELECT * FROM c')).toThrow(/no such table/);
});

test('a file that a newer program wrote is refused with advice', () => {
  open().close();
  expect(() => open({ migrations: migrations.slice(0, 2) })).toThrow(
    expect.objectContaining({
      code: 'unsupported-version',
      message: expect.stringContaining('schema version 3') as string,
    }),
  );
});

test('a full disk is `disk-full`, applies nothing, and passes', () => {
  const journal = open();
  const insert = journal.prepare('INSERT INTO a (x, text) VALUES (?, ?)');
  insert.run(1, 'small');
  const pages = Number(pragma(journal, 'page_count'));
  journal.prepare(`PRAGMA max_page_count = ${pages + 2}`).get();
  const fill = (): void =>
    journal.transaction(() => {
      for (let x = 2; x < 100; x += 1) insert.run(x, 'x'.repeat(4000));
    });
  expect(fill).toThrow(expect.objectContaining({ code: 'disk-full' }));
  expect(journal.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 });
  journal.prepare('PRAGMA max_page_count = 100000').get();
  fill();
  expect(journal.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 99 });
});

test('a second process is told that the file is held', () => {
  const journal = open();
  const second = open({ busyTimeoutMs: 20 });
  journal.transaction(() => {
    journal.prepare('INSERT INTO a (x) VALUES (1)').run();
    expect(() => second.transaction(() => {})).toThrow(
      expect.objectContaining({
        code: 'timeout',
        message: expect.stringContaining('Another process') as string,
      }),
    );
  });
});

test('a WAL that a reader made grow is cut back', () => {
  const logger = simLogger();
  const journal = open({ maxWalBytes: 256 * 1024, logger });
  const reader = open();
  const insert = journal.prepare('INSERT INTO a (text) VALUES (?)');
  // A reader keeps the log from being reset: it grows beyond its bound.
  reader.prepare('BEGIN').run();
  reader.prepare('SELECT * FROM a').all();
  for (let n = 0; n < 200; n += 1) insert.run('x'.repeat(4000));
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(256 * 1024);
  reader.prepare('COMMIT').run();
  for (let n = 0; n < 100; n += 1) insert.run('y');
  expect(statSync(`${path}-wal`).size).toBeLessThan(1024 * 1024);
  expect(logger.of('wal-cut-back')).toHaveLength(1);
});
