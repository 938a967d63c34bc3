import { readFileSync } from 'node:fs';

import { Coverage } from './coverage.ts';
import { FuzzLoop } from './loop.ts';
import type { Fault, FromWorker, ToWorker } from './messages.ts';
import {
  defaultMaxMs,
  defaultMaxRssBytes,
  describeError,
  isAnswer,
  signatureOf,
  stopwatch,
  type FuzzTarget,
} from './target.ts';

/** Targets by name, each loaded when it is needed. */
export type TargetLoaders = Readonly<Record<string, () => Promise<FuzzTarget>>>;

const progressEveryMs = 250;

/**
 * The most memory that this process ever had. Linux counts what its parent held at the fork into
 * the maximum that getrusage tells: a large runner would make every input guilty.
 */
function peakRssBytes(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Other systems have no /proc, and count by process.
  }
  return process.resourceUsage().maxRSS * 1024;
}

const boundsOf = ({ maxMs = defaultMaxMs, maxRssBytes = defaultMaxRssBytes }: FuzzTarget) => ({
  maxMs,
  peakRssBytes: peakRssBytes(),
  maxRssBytes,
});

const faultOf = (error: unknown): Fault => ({
  signature: signatureOf(error),
  detail: describeError(error),
});

// Resolves once the runner's end of the pipe has it: a worker that hangs right after was heard.
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}

async function load(loaders: TargetLoaders, name: string): Promise<FuzzTarget> {
  const loader = loaders[name];
  if (loader === undefined) throw new Error(`There is no target ${name}.`);
  return loader();
}

async function fuzz(
  loaders: TargetLoaders,
  request: Extract<ToWorker, { kind: 'fuzz' }>,
): Promise<void> {
  const target = await load(loaders, request.target);
  const coverage = new Coverage();
  const endMs = performance.now() + request.forMs;
  let toldMs = 0;
  const seen = new Set<string>();
  const loop = new FuzzLoop({
    target,
    seed: request.seed,
    known: request.known,
    coverage,
    guided: request.guided,
    goesOn: () => performance.now() < endMs && !(request.stopAtFirst && seen.size > 0),
    events: {
      batch: (inputs) => tell({ kind: 'batch', inputs: [...inputs] }),
      crash: (input, error) => {
        const fault = faultOf(error);
        if (seen.has(fault.signature)) return;
        seen.add(fault.signature);
        void tell({ kind: 'crash', input, fault });
      },
      slow: (input, ms) => void tell({ kind: 'slow', input, ms }),
      kept: (input) => void tell({ kind: 'kept', input }),
      progress: (now) => {
        const bounds = boundsOf(target);
        const due = performance.now() >= toldMs + progressEveryMs;
        if (!due && bounds.peakRssBytes <= bounds.maxRssBytes) return;
        toldMs = performance.now();
        void tell({ kind: 'progress', ...now, ...bounds });
      },
    },
  });
  const last = await loop.run();
  await tell({ kind: 'done', ...last, ...boundsOf(target) });
}

async function tryInputs(
  loaders: TargetLoaders,
  { target: name, inputs }: Extract<ToWorker, { kind: 'try' }>,
): Promise<void> {
  const target = await load(loaders, name);
  const rig = await target.open();
  let fault: Fault | null = null;
  let ms = 0;
  for (const input of inputs) {
    const elapsedMs = stopwatch();
    try {
      await rig.run(input);
    } catch (error) {
      if (!isAnswer(error)) fault = faultOf(error);
    }
    ms = Math.max(ms, elapsedMs());
  }
  await rig.close();
  // What the input set going may fail a moment later.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await tell({ kind: 'tried', fault, ms, ...boundsOf(target) });
}

/**
 * The worker's end: runs what the runner asks for, one request after the other. An error that
 * nobody caught ends the process with its words on stderr, as it would end the product.
 */
export function serveFuzzing(loaders: TargetLoaders): void {
  const die = (error: unknown): void => {
    process.stderr.write(`\n${signatureOf(error)}\n${describeError(error)}\n`);
    process.exit(70);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  process.on('disconnect', () => process.exit(0));
  let turn = Promise.resolve();
  process.on('message', (request: ToWorker) => {
    turn = turn.then(() =>
      request.kind === 'fuzz' ? fuzz(loaders, request) : tryInputs(loaders, request),
    );
    turn.catch(die);
  });
  void tell({ kind: 'ready' });
}
