import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { makeTempDir } from '../testing/cleanup.ts';
import { mayRestart, RestartRecord } from './restart-record.ts';

const hourMs = 3_600_000;
const nowMs = 1_000_000_000;

let dir = '';
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('one new start within an hour leaves the nucleus one more before it gives up', () => {
  expect(mayRestart([nowMs], nowMs)).toBe(true);
  expect(mayRestart([nowMs - 1000, nowMs], nowMs)).toBe(false);
  expect(mayRestart([nowMs - hourMs, nowMs], nowMs)).toBe(true);
});

test('a start that lies in the future was made under another clock', () => {
  expect(mayRestart([nowMs + hourMs, nowMs], nowMs)).toBe(true);
});

test('starts are remembered across starts, and a damaged file is none', () => {
  dir = makeTempDir('starts');
  const path = join(dir, 'work', 'starts.json');
  expect(new RestartRecord(path, nowMs).mayRestart(nowMs)).toBe(true);
  expect(new RestartRecord(path, nowMs + 1).mayRestart(nowMs + 1)).toBe(false);
  expect(new RestartRecord(path, nowMs + 2 * hourMs).mayRestart(nowMs + 2 * hourMs)).toBe(true);
  writeFileSync(path, '{"startsMs":"never"');
  expect(new RestartRecord(path, nowMs).mayRestart(nowMs)).toBe(true);
});
