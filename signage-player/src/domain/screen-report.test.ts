import { expect, test } from 'vitest';

import { addFault, addPage, nothingBefore } from './screen-report.ts';
import type { Fault } from './screen-report.ts';

const fault = (code: string, atMs: number, change: Partial<Fault> = {}): Fault => ({
  code,
  object: 'x',
  atMs,
  ...change,
});

test('the same fault again within ten minutes is not news; each step of a watchdog is', () => {
  let faults: readonly Fault[] = addFault([], fault('store-full', 0));
  expect(addFault(faults, fault('store-full', 599_999))).toBe(faults);
  expect(addFault(faults, fault('store-full', 600_000))).toHaveLength(2);
  faults = addFault(faults, fault('page-silent', 1, { rung: 'reload' }));
  faults = addFault(faults, fault('page-silent', 2, { rung: 'restart-browser' }));
  expect(faults.map(({ rung }) => rung)).toEqual(['restart-browser', 'reload', undefined]);
});

test('a report carries five faults at most, the newest, and none that is too long', () => {
  let faults: readonly Fault[] = [];
  for (let n = 0; n < 9; n += 1) faults = addFault(faults, fault(`code-${n}`, n));
  expect(faults.map(({ code }) => code)).toEqual([
    'code-8',
    'code-7',
    'code-6',
    'code-5',
    'code-4',
  ]);
  const long = addFault([], fault('c'.repeat(100), 0, { object: 'o'.repeat(100) }));
  expect(long[0]).toMatchObject({ code: 'c'.repeat(40), object: 'o'.repeat(80) });
});

test('plays and blank time add up over the pages of a screen', () => {
  const pulse = (pageId: string, plays: number, blankMs: number) =>
    ({ pageId, plays, blankMs }) as Parameters<typeof addPage>[1];
  let before = addPage(nothingBefore, pulse('a', 3, 10));
  before = addPage(before, pulse('a', 5, 20));
  before = addPage(before, pulse('b', 1, 4));
  expect(before.plays + before.pagePlays).toBe(6);
  expect(before.blankMs + before.pageBlankMs).toBe(24);
});
