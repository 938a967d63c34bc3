import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseFaults } from './faults.ts';
import { runTheatre } from './run.ts';

let dir: string;
let stop: AbortController;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'foyer-greengrass-'));
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(dir, { recursive: true, force: true });
});

test.each(['lite', 'classic'] as const)(
  'the built components under a %s nucleus, which ends and comes back: nothing is lost',
  async (nucleus) => {
    const lines: string[] = [];
    const loadMs = 10_000;
    const house = { gates: 1, boxes: 0, greengrass: true };
    const { summary, converged, violations } = await runTheatre({
      ...house,
      nucleus,
      seed: 5,
      loadMs,
      faults: parseFaults(['nucleus@3s..6s'], house, loadMs),
      dir,
      consolePort: 0,
      signal: stop.signal,
      progress: (line) => lines.push(line),
    });
    expect({ violations, converged, lines }).toMatchObject({ violations: [], converged: true });
    expect(summary).toMatchObject({ doubles: 0, reportedDoubles: 0, lost: 0 });
    expect(summary.greens).toBeGreaterThan(0);
    expect(summary.cloudAdmissions).toBe(summary.greens);
  },
  240_000,
);
