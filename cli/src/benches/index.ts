import type { Command } from 'commander';

import type { Output } from '../output.ts';

/** A module in this directory exports one of these as `run`. It answers the object to print. */
export type RunBench = (
  options: Readonly<Record<string, unknown>>,
  output: Output,
) => Promise<object>;

/** What the program knows of a benchmark before its code is loaded. */
export interface BenchEntry {
  /** One line for the help. */
  readonly summary: string;
  /** Adds the benchmark's own options; `--json` is always there. */
  readonly addOptions?: (command: Command) => unknown;
  /** Imports the benchmark: `() => import('./decode.ts')`. */
  readonly load: () => Promise<{ readonly run: RunBench }>;
}

/** Every benchmark by name. */
export const benches: Readonly<Record<string, BenchEntry>> = {};
