import { Findings, type Finding, type FindingsOptions } from './findings.ts';
import type { FromWorker } from './messages.ts';
import { deathOf, memoryFault, Probe, type Outcome } from './probe.ts';
import { WorkerProcess, type Ending } from './worker-process.ts';

export interface TargetPlan extends FindingsOptions {
  readonly seed: number;
  /** When fuzzing is to end, on performance.now's clock. */
  readonly untilMs: number;
  readonly guided: boolean;
  /** Ends with the first crash. */
  readonly stopAtFirst?: boolean;
  /** Inputs beside the target's own seeds. */
  readonly known: readonly Uint8Array[];
  /** The worker's bundle. */
  readonly workerFile: string;
  /** A worker that says nothing for so long is killed: one of its inputs hangs. */
  readonly silentMs: number;
  onProgress(counts: TargetCounts): void;
}

export interface TargetCounts {
  inputs: number;
  crashes: number;
  hangs: number;
  /** Blocks of the product's code that inputs reached, beyond what starting it reaches. */
  edges: number;
  /** Inputs that are kept because each reached something new. */
  corpus: number;
}

export interface TargetResult extends TargetCounts {
  found: Finding[];
}

/** A target whose worker died more often is left: its first findings are what to mend. */
const maxRestarts = 4;
const maxSuspects = 12;

type Progress = Extract<FromWorker, { kind: 'progress' | 'done' }>;

/** Fuzzes one target until its time is over, restarting the worker after what kills it. */
class TargetRun {
  readonly #plan: TargetPlan;
  readonly #probe: Probe;
  readonly #findings: Findings;
  readonly #known: Uint8Array[];
  #batch: Uint8Array[] = [];
  readonly #suspects: Uint8Array[] = [];
  #before = 0;
  #now: Progress | null = null;
  #edges = 0;

  constructor(plan: TargetPlan) {
    const { workerFile, target, silentMs } = plan;
    this.#plan = plan;
    this.#known = [...plan.known];
    this.#probe = new Probe(workerFile, target, silentMs);
    this.#findings = new Findings(this.#probe, plan);
  }

  async run(): Promise<TargetResult> {
    try {
      for (let starts = 0; starts <= maxRestarts; starts += 1) {
        const ending = await this.#fuzz(starts);
        for (const suspect of this.#suspects.splice(0)) await this.#findings.examine([suspect]);
        if (ending === null || ending.kind === 'done') break;
        await this.#blame(ending);
      }
      return { ...this.#counts(), found: this.#findings.all() };
    } finally {
      await this.#probe.close();
    }
  }

  #counts(): TargetCounts {
    return {
      inputs: this.#before + (this.#now?.inputs ?? 0),
      crashes: this.#findings.count('crash'),
      hangs: this.#findings.count('hang'),
      edges: Math.max(this.#edges, this.#now?.edges ?? 0),
      corpus: this.#now?.corpus ?? 0,
    };
  }

  async #fuzz(starts: number): Promise<Ending | null> {
    const { target, seed, untilMs, guided, silentMs, workerFile } = this.#plan;
    const { stopAtFirst = false } = this.#plan;
    const worker = new WorkerProcess(workerFile);
    try {
      await worker.ready();
      const forMs = untilMs - performance.now();
      if (starts > 0 && forMs <= 0) return null;
      this.#before += this.#now?.inputs ?? 0;
      this.#edges = Math.max(this.#edges, this.#now?.edges ?? 0);
      this.#now = null;
      const known = this.#known;
      const request = { target, seed: seed + starts, forMs, guided, stopAtFirst, known };
      return await worker.request({ kind: 'fuzz', ...request }, silentMs, (message) =>
        this.#hear(message),
      );
    } finally {
      await worker.end();
    }
  }

  #hear(message: FromWorker): 'go on' | 'done' | 'stop' {
    switch (message.kind) {
      case 'batch':
        this.#batch = message.inputs;
        return 'go on';
      case 'crash':
      case 'slow':
        if (this.#suspects.length < maxSuspects) this.#suspects.push(message.input);
        return 'go on';
      case 'kept':
        this.#known.push(message.input);
        return 'go on';
      case 'progress':
      case 'done':
        this.#now = message;
        this.#plan.onProgress(this.#counts());
        if (message.peakRssBytes > message.maxRssBytes) return 'stop';
        return message.kind === 'done' ? 'done' : 'go on';
      default:
        return 'go on';
    }
  }

  /** Finds which input of the last batch ended the worker. */
  async #blame(ending: Ending): Promise<void> {
    for (const input of this.#batch) if (await this.#findings.examine([input])) return;
    if (await this.#findings.examine(this.#batch)) return;
    const outcome = this.#unexplained(ending);
    if (outcome !== null) this.#findings.keep(outcome, this.#batch);
  }

  // A death counts although it was seen once only; silence or a SIGKILL (of a machine that is out
  // of memory) that does not come again was the machine's.
  #unexplained(ending: Ending): Exclude<Outcome, { kind: 'fine' }> | null {
    if (ending.kind === 'died') return ending.killed ? null : deathOf(ending.detail);
    if (ending.kind !== 'stopped' || this.#now === null) return null;
    return memoryFault(this.#now.peakRssBytes, this.#now.maxRssBytes);
  }
}

/** Fuzzes one target in worker processes under a watch from outside. */
export function fuzzTarget(plan: TargetPlan): Promise<TargetResult> {
  return new TargetRun(plan).run();
}
