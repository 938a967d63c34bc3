import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { bundleFile, homeDir } from '@foyer/platform/home';

import { Probe, type Outcome } from './probe.ts';
import { regressionsOf } from './regressions.ts';
import { fuzzTarget, type TargetCounts, type TargetResult } from './run-target.ts';
import { targetNames } from './targets/index.ts';

/** What `foyer fuzz` answers. */
export interface FuzzResult {
  seconds: number;
  targets: Record<string, TargetResult>;
  inputs: number;
  crashes: number;
  hangs: number;
  seed: number;
}

export interface FuzzOptions {
  /** Of all targets together. */
  readonly seconds: number;
  readonly seed: number;
  /** All when empty. */
  readonly targets: readonly string[];
  /** False: inputs are made from the examples only, and what they reach does not matter. */
  readonly guided: boolean;
  onTarget(name: string, counts: TargetCounts, state: 'runs' | 'done'): void;
}

/** What works for longer than this without a word hangs: a rig opens in less than a second. */
const silentMs = 8000;
const maxJobs = 4;

function chosen(names: readonly string[]): string[] {
  for (const name of names) assertTarget(name);
  return names.length === 0 ? [...targetNames] : [...names];
}

function assertTarget(name: string): void {
  if (targetNames.includes(name)) return;
  throw new FoyerError('bad-request', `There is no target "${name}".`, {
    whatToDo: `Choose of: ${targetNames.join(', ')}.`,
  });
}

/** Fuzzes the targets, a few at a time, for so many seconds in all. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const waiting = chosen(options.targets);
  const startMs = performance.now();
  const jobs = Math.min(maxJobs, availableParallelism(), waiting.length);
  const eachMs = (options.seconds * 1000) / Math.ceil(waiting.length / jobs);
  const results = new Map<string, TargetResult>(waiting.map((name) => [name, nothing]));
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const target = name;
      const result = await fuzzTarget({
        target,
        seed: options.seed,
        untilMs: performance.now() + eachMs,
        guided: options.guided,
        known: regressionsOf(target).map(({ input }) => input),
        workerFile: bundleFile('fuzz-worker'),
        outDir: join(homeDir(), 'build', 'fuzz'),
        homeDir: homeDir(),
        silentMs,
        onProgress: (counts) => options.onTarget(target, counts, 'runs'),
      });
      results.set(target, result);
      options.onTarget(target, result, 'done');
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const all = [...results.values()];
  const sum = (of: (result: TargetResult) => number): number =>
    all.reduce((total, result) => total + of(result), 0);
  return {
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    targets: Object.fromEntries(results),
    inputs: sum((result) => result.inputs),
    crashes: sum((result) => result.crashes),
    hangs: sum((result) => result.hangs),
    seed: options.seed,
  };
}

const nothing: TargetResult = {
  inputs: 0,
  crashes: 0,
  hangs: 0,
  edges: 0,
  corpus: 0,
  found: [],
};

/** Runs inputs once more, in order, in one fresh rig under the same watch. */
export async function replayFuzz(target: string, inputs: readonly Uint8Array[]): Promise<Outcome> {
  assertTarget(target);
  const probe = new Probe(bundleFile('fuzz-worker'), target, silentMs);
  try {
    return await probe.try(inputs);
  } finally {
    await probe.close();
  }
}
