import { openJournal } from '@foyer/platform/node';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Journal } from '@foyer/platform';

import { Kept } from './kept.ts';

let journal: Journal;
let kept: Kept<number>;
let reads = 0;

beforeEach(() => {
  journal = openJournal({ path: ':memory:', migrations: ['CREATE TABLE t (v INTEGER)'] });
  kept = new Kept(journal);
  reads = 0;
});

afterEach(() => journal.close());

const sum = (): number =>
  kept.get('sum', () => {
    reads += 1;
    return journal.prepare<{ s: number | null }>('SELECT sum(v) AS s FROM t').get()?.s ?? 0;
  });

function add(value: number): void {
  kept.forget();
  journal.prepare('INSERT INTO t VALUES (?)').run(value);
}

test('what was read is kept until a write, also over commits of other tables', () => {
  add(1);
  expect([sum(), sum()]).toEqual([1, 1]);
  journal.prepare('CREATE TABLE other (v)').run();
  expect(sum()).toBe(1);
  expect(reads).toBe(1);
  add(2);
  expect([sum(), sum()]).toEqual([3, 3]);
  expect(reads).toBe(2);
});

test('inside a transaction its own writes are seen, and forgotten when it fails', () => {
  add(1);
  expect(sum()).toBe(1);
  const failed = () =>
    journal.transaction(() => {
      add(10);
      expect(sum()).toBe(11);
      throw new Error('rolled back');
    });
  expect(failed).toThrow('rolled back');
  expect(sum()).toBe(1);
  journal.transaction(() => {
    add(10);
    add(100);
    expect(sum()).toBe(111);
  });
  expect(sum()).toBe(111);
});

test('a value that was written while it was read is not kept', () => {
  const failed = () =>
    journal.transaction(() => {
      kept.get('sum', () => {
        add(5);
        return 5;
      });
      throw new Error('rolled back');
    });
  expect(failed).toThrow('rolled back');
  expect(sum()).toBe(0);
});

test('what must be read is not known', () => {
  add(1);
  expect(kept.known('sum')).toBeUndefined();
  sum();
  expect(kept.known('sum')).toBe(1);
  const failed = () =>
    journal.transaction(() => {
      add(10);
      expect(kept.known('sum')).toBeUndefined();
      throw new Error('rolled back');
    });
  expect(failed).toThrow('rolled back');
  expect(kept.known('sum')).toBeUndefined();
});
