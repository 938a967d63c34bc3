import { SimRandom } from '@foyer/platform/sim';

import { Corpus } from './corpus.ts';
import type { Coverage } from './coverage.ts';
import { changeBytes } from './shapes/bytes.ts';
import {
  defaultMaxInputBytes,
  defaultMaxMs,
  isAnswer,
  stopwatch,
  type FuzzTarget,
  type Rig,
} from './target.ts';

/** What the loop tells while it runs. */
export interface LoopEvents {
  /** These inputs come next, in this order; resolves when whoever watches has them. */
  batch(inputs: readonly Uint8Array[]): Promise<void>;
  /** An input made the product throw what is no answer. */
  crash(input: Uint8Array, error: unknown): void;
  /** An input took longer than the target allows. */
  slow(input: Uint8Array, ms: number): void;
  /** An input reached code that none before it did. */
  kept(input: Uint8Array): void;
  progress(counts: LoopCounts): void;
}

export interface LoopCounts {
  inputs: number;
  /** Blocks of code that were reached; 0 without coverage. */
  edges: number;
  /** Inputs that are kept because each reached something new. */
  corpus: number;
}

export interface LoopOptions {
  readonly target: FuzzTarget;
  readonly seed: number;
  /** Valid inputs and what was found before; the target's own seeds are added. */
  readonly known: readonly Uint8Array[];
  readonly events: LoopEvents;
  /** Null: inputs are made from the seeds alone, blindly. */
  readonly coverage: Coverage | null;
  /** False: coverage is counted, but does not guide. */
  readonly guided: boolean;
  /** True to go on, asked after each batch. */
  goesOn: (counts: LoopCounts) => boolean;
}

/** A batch is to take about so long: coverage is read after each. */
const batchMs = 80;
const maxBatch = 128;
const maxMutations = 4;

/** What an input set going, and nobody waits for, fails before the next ones are told. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Makes inputs and runs them. One loop drives one target in one process. */
export class FuzzLoop {
  readonly #options: LoopOptions;
  readonly #random: SimRandom;
  readonly #corpus = new Corpus();
  readonly #maxBytes: number;
  #rig: Rig | null = null;
  #ranInRig = 0;
  #inputs = 0;
  #batchSize = 4;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#random = new SimRandom(options.seed).fork(options.target.name);
    this.#maxBytes = options.target.maxInputBytes ?? defaultMaxInputBytes;
  }

  async run(): Promise<LoopCounts> {
    const { target, known, coverage, goesOn } = this.#options;
    try {
      const seeds = [...(await target.seeds()), ...known];
      await this.#freshRig();
      // What opening the rig runs is reached by every input: it tells nothing.
      if (coverage !== null) coverage.count(coverage.look());
      for (const seed of seeds) this.#corpus.add(seed);
      for (const seed of seeds) await this.#runBatch([seed]);
      while (goesOn(this.#counts())) {
        await this.#runBatch(Array.from({ length: this.#batchSize }, () => this.#make()));
      }
      return this.#counts();
    } finally {
      await this.#rig?.close();
    }
  }

  #counts(): LoopCounts {
    const edges = this.#options.coverage?.edges ?? 0;
    return { inputs: this.#inputs, edges, corpus: this.#corpus.size };
  }

  #make(): Uint8Array {
    const { target } = this.#options;
    const random = this.#random;
    const source = {
      random,
      other: () => this.#corpus.pick(random),
      words: target.words ?? [],
    };
    let input = this.#corpus.pick(random);
    for (let times = 1 + random.int(maxMutations); times > 0; times -= 1) {
      const bytewise = random.chance(0.1);
      const changed = bytewise ? changeBytes(input, source) : target.shape.mutate(input, source);
      input = changed.subarray(0, this.#maxBytes);
    }
    return Uint8Array.from(input);
  }

  async #runBatch(inputs: readonly Uint8Array[]): Promise<void> {
    const { coverage, events, guided } = this.#options;
    await events.batch(inputs);
    const startMs = performance.now();
    this.#inputs += inputs.length;
    for (const input of inputs) await this.#runOne(input);
    await turn();
    const ms = Math.max(0.1, performance.now() - startMs);
    const fitting = Math.round((inputs.length * batchMs) / ms);
    this.#batchSize = Math.max(1, Math.min(maxBatch, this.#batchSize * 4, fitting));
    if (coverage !== null) {
      const sighting = coverage.look();
      if (guided) await this.#attribute(inputs, sighting);
      coverage.count(sighting);
    }
    // After each batch, those of seeds too: what it took of memory is then its own.
    events.progress(this.#counts());
  }

  /** Finds which inputs of a batch reached something new, by running its halves again. */
  async #attribute(
    inputs: readonly Uint8Array[],
    sighting: ReturnType<Coverage['look']>,
  ): Promise<void> {
    const { coverage } = this.#options;
    if (coverage === null || !coverage.isNews(sighting)) return;
    if (inputs.length === 1) {
      coverage.count(sighting);
      this.#keep(inputs[0]);
      return;
    }
    const half = Math.ceil(inputs.length / 2);
    for (const part of [inputs.slice(0, half), inputs.slice(half)]) {
      for (const input of part) await this.#runOne(input);
      await this.#attribute(part, coverage.look());
    }
  }

  #keep(input: Uint8Array | undefined): void {
    if (input !== undefined && this.#corpus.add(input)) this.#options.events.kept(input);
  }

  async #runOne(input: Uint8Array): Promise<void> {
    const { target, events } = this.#options;
    if (this.#ranInRig >= (target.inputsPerRig ?? Number.POSITIVE_INFINITY)) await this.#freshRig();
    this.#ranInRig += 1;
    const elapsedMs = stopwatch();
    let failed = false;
    try {
      await this.#rig?.run(input);
    } catch (error) {
      failed = !isAnswer(error);
      if (failed) events.crash(input, error);
    }
    const ms = elapsedMs();
    if (ms > (target.maxMs ?? defaultMaxMs)) events.slow(input, ms);
    // What a crash left behind must not be blamed on the inputs after it.
    if (failed && target.inputsPerRig !== undefined) await this.#freshRig();
  }

  async #freshRig(): Promise<void> {
    await this.#rig?.close();
    this.#rig = null;
    this.#rig = await this.#options.target.open();
    this.#ranInRig = 0;
  }
}
