import { afterEach, describe, expect, test } from 'vitest';

import type { Journal, Migration } from '../journal.ts';

export interface JournalUnderTest {
  journal: Journal;
  /** Closes it and opens the same data again, perhaps with more migrations. */
  reopen: (migrations?: readonly Migration[]) => Journal;
  dispose(): void;
}

const schema: readonly Migration[] = [
  'CREATE TABLE film (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB)',
  'CREATE TABLE play (film INTEGER NOT NULL REFERENCES film (id), at INTEGER NOT NULL)',
];

type Make = (migrations: readonly Migration[]) => JournalUnderTest;

/** What every Journal does. */
export function describeJournal(name: string, make: Make): void {
  describe(`Journal: ${name}`, () => {
    const made: JournalUnderTest[] = [];
    afterEach(() => {
      for (const each of made.splice(0)) each.dispose();
    });
    const open = (): JournalUnderTest => {
      const each = make(schema);
      made.push(each);
      return each;
    };
    describeStatements(() => open().journal);
    describeTransactions(() => open().journal);

    test('what was committed is there after reopening, with later migrations applied', () => {
      const { journal, reopen } = open();
      journal.prepare('INSERT INTO film (id, name) VALUES (1, ?)').run('Stalker');
      const again = reopen([...schema, 'ALTER TABLE film ADD COLUMN minutes INTEGER DEFAULT 90']);
      expect(again.prepare('SELECT id, name, minutes FROM film').all()).toEqual([
        { id: 1, name: 'Stalker', minutes: 90 },
      ]);
    });

    test('closing twice does nothing the second time', () => {
      const { journal } = open();
      journal.close();
      expect(() => journal.close()).not.toThrow();
    });
  });
}

function describeStatements(open: () => Journal): void {
  test('statements run, get, get all and iterate', () => {
    const journal = open();
    const insert = journal.prepare('INSERT INTO film VALUES (?, ?, ?)');
    expect(insert.run(1, 'Stalker', Uint8Array.of(0, 255, 7))).toEqual({ changes: 1 });
    insert.run(2, 'Solaris', null);
    const byId = journal.prepare<{ name: string; data: Uint8Array }>(
      'SELECT name, data FROM film WHERE id = ?',
    );
    const row = byId.get(1);
    expect(row?.name).toBe('Stalker');
    expect([...(row?.data ?? [])]).toEqual([0, 255, 7]);
    expect(byId.get(3)).toBeUndefined();
    const names = journal.prepare<{ name: string }>('SELECT name FROM film ORDER BY id');
    expect(names.all().map((each) => each.name)).toEqual(['Stalker', 'Solaris']);
    expect([...names.iterate()].map((each) => each.name)).toEqual(['Stalker', 'Solaris']);
  });

  test('a statement is prepared once for each text', () => {
    const journal = open();
    expect(journal.prepare('SELECT 1')).toBe(journal.prepare('SELECT 1'));
  });

  test('numbers up to 2^53 come back exactly', () => {
    const journal = open();
    const value = journal.prepare<{ n: number }>('SELECT ? AS n').get(Number.MAX_SAFE_INTEGER);
    expect(value?.n).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('foreign keys are enforced', () => {
    const journal = open();
    expect(() => journal.prepare('INSERT INTO play VALUES (9, 0)').run()).toThrow(/FOREIGN KEY/);
  });
}

function describeTransactions(open: () => Journal): void {
  const insertInto = (journal: Journal) => (id: number) =>
    journal.prepare('INSERT INTO film (id, name) VALUES (?, ?)').run(id, `film ${id}`);
  const ids = (journal: Journal): number[] =>
    journal
      .prepare<{ id: number }>('SELECT id FROM film ORDER BY id')
      .all()
      .map((row) => row.id);

  test('a transaction returns its value and counts as one commit', () => {
    const journal = open();
    const insert = insertInto(journal);
    const before = journal.commits;
    const result = journal.transaction(() => {
      insert(1);
      insert(2);
      return 'done';
    });
    expect(result).toBe('done');
    expect(journal.commits - before).toBe(1);
    journal.transaction(() => ids(journal));
    expect(journal.commits - before).toBe(1);
    insert(3);
    expect(journal.commits - before).toBe(2);
  });

  test('a transaction that throws applies nothing and throws on', () => {
    const journal = open();
    const insert = insertInto(journal);
    const before = journal.commits;
    const failing = (): void =>
      journal.transaction(() => {
        insert(1);
        throw new Error('second thoughts');
      });
    expect(failing).toThrow('second thoughts');
    expect(ids(journal)).toEqual([]);
    expect(journal.commits).toBe(before);
    journal.transaction(() => insert(2));
    expect(ids(journal)).toEqual([2]);
  });

  test('a nested transaction that throws takes back its own part only', () => {
    const journal = open();
    const insert = insertInto(journal);
    journal.transaction(() => {
      insert(1);
      expect(() =>
        journal.transaction(() => {
          insert(2);
          journal.transaction(() => insert(3));
          throw new Error('inner');
        }),
      ).toThrow('inner');
      journal.transaction(() => insert(4));
    });
    expect(ids(journal)).toEqual([1, 4]);
  });

  test('work that returns a promise is refused and applies nothing', () => {
    const journal = open();
    const insert = insertInto(journal);
    expect(() => journal.transaction(() => Promise.resolve(insert(1)))).toThrow(/synchronous/);
    expect(ids(journal)).toEqual([]);
  });
}
