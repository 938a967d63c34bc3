import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseFaults } from './faults.ts';
import { runTheatre } from './run.ts';

let dir: string;
let stop: AbortController;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'foyer-run-'));
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(dir, { recursive: true, force: true });
});

test('two gates under load: internet and theatre server fail, and nothing is lost', async () => {
  const lines: string[] = [];
  const loadMs = 12_000;
  const { summary, converged, violations } = await runTheatre({
    gates: 2,
    boxes: 1,
    seed: 3,
    loadMs,
    faults: parseFaults(['wan@3s..9s', 'theatre@4s..8s'], { gates: 2, boxes: 1 }, loadMs),
    dir,
    consolePort: 0,
    signal: stop.signal,
    progress: (line) => lines.push(line),
  });
  expect({ violations, converged, lines }).toMatchObject({ violations: [], converged: true });
  expect(summary).toMatchObject({ doubles: 0, reportedDoubles: 0, lost: 0 });
  expect(summary.greens).toBeGreaterThan(3);
  expect(summary.cloudAdmissions).toBe(summary.greens);
  expect(summary.scans).toBe(summary.greens + summary.reds + summary.ambers);
}, 150_000);
