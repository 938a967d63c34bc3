import { afterEach, expect, test } from 'vitest';

import type { Journal } from '../journal.ts';
import { SimCrash, SimDisk, type DiskOptions } from './disk.ts';
import { SimRandom } from './random.ts';

const migrations = ['CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)'];
const disks: SimDisk[] = [];
afterEach(() => {
  for (const disk of disks.splice(0)) disk.destroy();
});

function makeDisk(options: Partial<DiskOptions> = {}): SimDisk {
  const disk = new SimDisk({ migrations, ...options });
  disks.push(disk);
  return disk;
}

function insert(journal: Journal, n: number): void {
  journal.transaction(() => {
    journal.prepare('INSERT INTO t VALUES (?, ?)').run(n, 'x'.repeat(200));
  });
}

function numbers(journal: Journal): number[] {
  return journal
    .prepare<{ n: number }>('SELECT n FROM t ORDER BY n')
    .all()
    .map((row) => row.n);
}

test('a crash keeps what was committed and loses the open transaction', () => {
  const disk = makeDisk();
  const journal = disk.open();
  insert(journal, 1);
  expect(() =>
    journal.transaction(() => {
      journal.prepare('INSERT INTO t VALUES (2, NULL)').run();
      disk.crash();
      throw new SimCrash('here');
    }),
  ).toThrow('here');
  expect(() => insert(journal, 3)).toThrow(SimCrash);
  expect(numbers(disk.open())).toEqual([1]);
});

test('a step can end the process after the commit, before its caller learns of it', () => {
  const disk = makeDisk();
  const journal = disk.open();
  disk.onStep((step) => {
    if (step === 'after-commit') throw new SimCrash('after the commit');
  });
  expect(() => insert(journal, 1)).toThrow(SimCrash);
  disk.onStep(null);
  disk.crash();
  expect(numbers(disk.open())).toEqual([1]);
});

test.each([1, 2, 3, 4, 5])('a power cut loses no commit made under FULL (seed %i)', (seed) => {
  const random = new SimRandom(seed);
  const disk = makeDisk();
  const expected: number[] = [];
  for (let n = 0; n < 60; n += 1) {
    insert(disk.open(), n);
    expected.push(n);
    if (random.chance(0.2)) disk.powerCut(random);
  }
  expect(numbers(disk.open())).toEqual(expected);
});

test('a power cut does lose commits under NORMAL, so that the test above can fail', () => {
  const random = new SimRandom(1);
  const disk = makeDisk({ synchronous: 'NORMAL' });
  for (let n = 0; n < 60; n += 1) insert(disk.open(), n);
  disk.powerCut(random);
  const kept = numbers(disk.open());
  expect(kept.length).toBeLessThan(60);
  expect(kept).toEqual([...kept.keys()]);
});

test('a clone goes its own way, and a restore brings the old state back', () => {
  const disk = makeDisk();
  insert(disk.open(), 1);
  const backup = disk.clone();
  disks.push(backup);
  insert(disk.open(), 2);
  insert(backup.open(), 3);
  expect(numbers(disk.open())).toEqual([1, 2]);
  expect(numbers(backup.open())).toEqual([1, 3]);
  disk.restore(backup);
  expect(numbers(disk.open())).toEqual([1, 3]);
  disk.replace();
  expect(numbers(disk.open())).toEqual([]);
});

test('a full disk refuses the write and applies nothing', () => {
  const disk = makeDisk();
  disk.setFull(true);
  expect(() => insert(disk.open(), 1)).toThrow(/full/);
  disk.setFull(false);
  expect(numbers(disk.open())).toEqual([]);
});
