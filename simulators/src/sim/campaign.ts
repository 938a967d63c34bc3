import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';

import { bundleFile } from '@foyer/platform/home';

import type { SeedResult } from './run.ts';

export interface CampaignOptions {
  /** The first seed. */
  from: number;
  /** The last seed; Infinity to go on until `forMs` is over. */
  to: number;
  /** No seed is begun after so long; Infinity when absent. */
  forMs?: number;
  /** Processes at once; the number of cores when absent. */
  workers?: number;
  onResult?: (result: SeedResult, done: number) => void;
}

/** What a campaign amounted to; the first six names are the ones that scripts rely on. */
export interface CampaignReport {
  readonly seeds: number;
  readonly violations: number;
  readonly greens: number;
  readonly doubles: number;
  /** Time that passed in the simulated theatres, in hours. */
  readonly virtualHours: number;
  readonly seconds: number;
  readonly scans: number;
  readonly workers: number;
  /** Seeds in a second of processor time: what one core does. */
  readonly seedsPerCoreSecond: number;
  /** Virtual seconds in a second of processor time. */
  readonly timesRealTime: number;
  readonly failures: readonly SeedFailure[];
}

export interface SeedFailure {
  readonly seed: number;
  readonly law: string;
  readonly detail: string;
  /** Replays it with a trace. */
  readonly replay: string;
}

interface Answer {
  result: SeedResult;
  cpuMs: number;
}

/** A process that does not answer for so long has hung. */
const hangMs = 120_000;
const maxFailures = 50;
/** A seed makes much that is garbage when it ends: a large nursery sees most of it die there. */
const workerFlags = [
  '--max-old-space-size=1024',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--single-threaded-gc',
];

/** Runs seeds one after the other in one process; a process that dies takes one seed with it. */
class Worker {
  #child: ChildProcess | null = null;

  run(seed: number): Promise<Answer> {
    const child = (this.#child ??= fork(bundleFile('simulation'), [], {
      execArgv: workerFlags,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }));
    return new Promise((resolve) => {
      const end = (law: string, detail: string): void => {
        this.close();
        done({ result: lost(seed, law, detail), cpuMs: 0 });
      };
      const patience = setTimeout(() => {
        end('hang', `It did not end within ${hangMs} ms of wall time.`);
      }, hangMs);
      const exited = (code: number | null): void => {
        end('crash', `The simulation's process ended with ${code}.`);
      };
      const done = (answer: Answer): void => {
        clearTimeout(patience);
        child.off('exit', exited);
        child.off('message', done);
        resolve(answer);
      };
      child.once('exit', exited);
      child.once('message', done);
      child.send(seed);
    });
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

function lost(seed: number, law: string, detail: string): SeedResult {
  const none = { gates: 0, faults: [], scans: 0, greens: 0, doubles: 0, virtualMs: 0 };
  return { seed, ...none, violations: [{ law, detail }] };
}

export const replayOf = (seed: number): string => `npx foyer simulate --seed ${seed} --trace`;

function failuresOf(result: SeedResult): SeedFailure[] {
  const { seed } = result;
  return result.violations.map(({ law, detail }) => ({
    seed,
    law,
    detail,
    replay: replayOf(seed),
  }));
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Runs seeds on every core. Which process runs which seed changes nothing. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { from, to, forMs = Number.POSITIVE_INFINITY, onResult } = options;
  const workers = Math.max(1, Math.min(options.workers ?? availableParallelism(), to - from + 1));
  const sinceMs = performance.now();
  const sums = { seeds: 0, violations: 0, greens: 0, doubles: 0, scans: 0, virtualMs: 0, cpuMs: 0 };
  const failures: SeedFailure[] = [];
  let next = from;
  const work = async (): Promise<void> => {
    const worker = new Worker();
    while (next <= to && performance.now() - sinceMs < forMs) {
      const seed = next;
      next += 1;
      const { result, cpuMs } = await worker.run(seed);
      sums.seeds += 1;
      sums.violations += result.violations.length;
      sums.cpuMs += cpuMs;
      for (const name of ['greens', 'doubles', 'scans', 'virtualMs'] as const) {
        sums[name] += result[name];
      }
      if (failures.length < maxFailures) failures.push(...failuresOf(result));
      onResult?.(result, sums.seeds);
    }
    worker.close();
  };
  await Promise.all(Array.from({ length: workers }, work));
  const { virtualMs, cpuMs, ...counts } = sums;
  return {
    seeds: counts.seeds,
    violations: counts.violations,
    greens: counts.greens,
    doubles: counts.doubles,
    virtualHours: rounded(virtualMs / 3_600_000, 2),
    seconds: rounded((performance.now() - sinceMs) / 1000, 1),
    scans: counts.scans,
    workers,
    seedsPerCoreSecond: rounded(counts.seeds / Math.max(cpuMs / 1000, 0.001), 2),
    timesRealTime: Math.round(virtualMs / Math.max(cpuMs, 1)),
    failures: failures.toSorted((a, b) => a.seed - b.seed).slice(0, maxFailures),
  };
}
