import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { minimise } from './minimise.ts';
import type { Outcome, Probe } from './probe.ts';

/** An input, or several in order, that the product did not take as it must. */
export interface Finding {
  kind: 'crash' | 'hang';
  signature: string;
  detail: string;
  /** Where the inputs are kept. */
  files: string[];
  /** What a person types to see it again. */
  replay: string;
}

const crashTries = 400;
/** Each try of a hang takes as long as the hang. */
const hangTries = 8;

const defaultMinimiseMs = 5000;

export interface FindingsOptions {
  readonly target: string;
  /** Where inputs that failed are kept, and what their names are told relative to. */
  readonly outDir: string;
  readonly homeDir: string;
  /** How long one input is made smaller; 5,000 when absent. */
  readonly minimiseMs?: number;
}

/** Keeps what was found, each cause once, with its smallest input. */
export class Findings {
  readonly #target: string;
  readonly #probe: Probe;
  readonly #homeDir: string;
  readonly #outDir: string;
  readonly #minimiseMs: number;
  readonly #found = new Map<string, Finding>();

  constructor(probe: Probe, options: FindingsOptions) {
    this.#probe = probe;
    this.#target = options.target;
    this.#homeDir = options.homeDir;
    this.#outDir = options.outDir;
    this.#minimiseMs = options.minimiseMs ?? defaultMinimiseMs;
  }

  all(): Finding[] {
    return [...this.#found.values()];
  }

  count(kind: Finding['kind']): number {
    return this.all().filter((finding) => finding.kind === kind).length;
  }

  /** Tries the inputs; what fails is minimised and kept. @returns false when nothing failed. */
  async examine(inputs: readonly Uint8Array[]): Promise<boolean> {
    const outcome = await this.#probe.try(inputs);
    if (outcome.kind === 'fine') return false;
    if (this.#found.has(nameOf(outcome))) return true;
    const [only] = inputs;
    const small =
      inputs.length === 1 && only !== undefined ? [await this.#shrink(only, outcome)] : inputs;
    this.keep(outcome, small);
    return true;
  }

  /** Keeps a finding as it is. */
  keep(outcome: Exclude<Outcome, { kind: 'fine' }>, inputs: readonly Uint8Array[]): void {
    const { kind, signature, detail } = outcome;
    if (this.#found.has(nameOf(outcome))) return;
    const files = inputs.map((input) => this.#save(kind, input));
    const named = files.map((file) => `--input ${file}`).join(' ');
    const replay = `npx foyer fuzz --target ${this.#target} ${named}`;
    this.#found.set(nameOf(outcome), { kind, signature, detail, files, replay });
  }

  async #shrink(input: Uint8Array, seen: Exclude<Outcome, { kind: 'fine' }>): Promise<Uint8Array> {
    const tries = seen.kind === 'hang' ? hangTries : crashTries;
    const fails = async (candidate: Uint8Array): Promise<boolean> => {
      const outcome = await this.#probe.try([candidate]);
      return outcome.kind !== 'fine' && nameOf(outcome) === nameOf(seen);
    };
    return minimise(input, fails, { tries, untilMs: performance.now() + this.#minimiseMs });
  }

  #save(kind: string, input: Uint8Array): string {
    mkdirSync(this.#outDir, { recursive: true });
    const hash = createHash('sha256').update(input).digest('hex').slice(0, 10);
    const file = join(this.#outDir, `${this.#target}-${kind}-${hash}.bin`);
    writeFileSync(file, input);
    return relative(this.#homeDir, file);
  }
}

function nameOf({ kind, signature }: { kind: string; signature: string }): string {
  return `${kind} ${signature}`;
}
