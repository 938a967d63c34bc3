import { availableParallelism } from 'node:os';

import { bundleMutant, type BundleOptions } from './bundle.ts';
import { allMutants, catalogue } from './catalogue/index.ts';
import { readHints, type Hints } from './hints.ts';
import type { Mutant } from './mutant.ts';
import { trySeeds, type Caught } from './try-seeds.ts';

/** What became of one planted bug. */
export interface MutantResult {
  name: string;
  /** Null: it survived. */
  caughtAtSeed: number | null;
  /** The law that it broke; `crash` or `hang` where the process ended. */
  law: string | null;
  detail: string;
  /** Seeds that were run. */
  seeds: number;
  seconds: number;
}

export interface MutantsReport {
  planted: number;
  caught: number;
  survivors: string[];
  results: MutantResult[];
  /** Seeds that catch something where nothing is planted: what they caught counts as survived. */
  unsound: Caught[];
}

export interface MutantsOptions {
  /** Of these names only. */
  names?: readonly string[];
  /** Seeds are 1 to this; 500 when absent. */
  maxSeeds?: number;
  /** The seed that each mutant was caught by the last time: it is tried first. */
  hints?: Hints;
  onProgress?: (result: MutantResult) => void;
  /** No seed may take longer, ms; 60,000 when absent. */
  hangMs?: number;
  /** Processes at once; the number of cores when absent. */
  workers?: number;
  mutants?: readonly Mutant[];
  bundle?: BundleOptions;
}

const defaultMaxSeeds = 500;
const defaultHangMs = 60_000;

/**
 * The mutants of these names, of those too that nothing can show yet; all that are planted when
 * absent. Throws RangeError for an unknown name.
 */
export function mutantsNamed(
  names: readonly string[] | undefined,
  mutants?: readonly Mutant[],
): readonly Mutant[] {
  if (names === undefined) return mutants ?? catalogue;
  return names.map((name) => {
    const found = (mutants ?? allMutants).find((mutant) => mutant.name === name);
    if (found === undefined) throw new RangeError(`There is no mutant named ${name}.`);
    return found;
  });
}

/** 1 to `maxSeeds`, the hinted one first. */
function seedsFor(maxSeeds: number, hint: number | undefined): number[] {
  const seeds = Array.from({ length: maxSeeds }, (_, index) => index + 1);
  if (hint === undefined || hint < 1 || hint > maxSeeds) return seeds;
  return [hint, ...seeds.filter((seed) => seed !== hint)];
}

async function runOne(
  planted: Mutant,
  hints: Hints,
  options: MutantsOptions,
): Promise<MutantResult> {
  const { maxSeeds = defaultMaxSeeds, hangMs = defaultHangMs } = options;
  const startedMs = performance.now();
  const file = await bundleMutant(planted, options.bundle);
  const tried = await trySeeds({ file, hangMs, seeds: seedsFor(maxSeeds, hints[planted.name]) });
  const [first] = tried.caught;
  return {
    name: planted.name,
    caughtAtSeed: first?.seed ?? null,
    law: first?.law ?? null,
    detail: first?.detail ?? '',
    seeds: tried.seeds,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  };
}

/** Runs `work` for each item, `workers` at a time; the results are in the items' order. */
async function pooled<T, R>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
}

/** The sound program on these seeds: what it breaks proves nothing about a mutant. */
async function checkSound(
  results: readonly MutantResult[],
  workers: number,
  options: MutantsOptions,
): Promise<Caught[]> {
  const seeds = [...new Set(results.flatMap(({ caughtAtSeed }) => caughtAtSeed ?? []))];
  if (seeds.length === 0) return [];
  const file = await bundleMutant(null, options.bundle);
  const share = Math.ceil(seeds.length / workers);
  const shares = Array.from({ length: workers }, (_, n) => seeds.slice(n * share, (n + 1) * share));
  const { hangMs = defaultHangMs } = options;
  const tried = await pooled(
    shares.filter((some) => some.length > 0),
    workers,
    (some) => trySeeds({ file, hangMs, seeds: some, all: true }),
  );
  return tried.flatMap(({ caught }) => caught);
}

/**
 * Plants each bug by itself and runs seeds until a checker notices it; then runs the sound program
 * on the very seeds that caught something.
 *
 * Throws FoyerError `config-invalid` for a mutant that no longer fits the sources, RangeError for a
 * name that is none.
 */
export async function runMutants(options: MutantsOptions = {}): Promise<MutantsReport> {
  const workers = options.workers ?? availableParallelism();
  const chosen = mutantsNamed(options.names, options.mutants);
  const hints = options.hints ?? (await readHints());
  const results = await pooled(chosen, workers, async (planted) => {
    const result = await runOne(planted, hints, options);
    options.onProgress?.(result);
    return result;
  });
  const unsound = await checkSound(results, workers, options);
  const unproven = new Set(unsound.map(({ seed }) => seed));
  const survivors = results
    .filter(({ caughtAtSeed }) => caughtAtSeed === null || unproven.has(caughtAtSeed))
    .map(({ name }) => name);
  const planted = chosen.length;
  return { planted, caught: planted - survivors.length, survivors, results, unsound };
}
