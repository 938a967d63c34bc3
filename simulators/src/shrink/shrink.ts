import { fewestOf, type Budget } from './fewest.ts';

/** A list of a scenario that can be made shorter. */
export interface Part<S> {
  readonly name: string;
  readonly length: (scenario: S) => number;
  /** The scenario with the items at these places of the list only, everything else as it was. */
  readonly keep: (scenario: S, places: readonly number[]) => S;
}

export interface Shrunk<S> {
  readonly scenario: S;
  /** Of each part, by its name: the places that were kept. */
  readonly kept: Readonly<Record<string, readonly number[]>>;
  readonly runs: number;
}

export interface ShrinkOptions {
  /** Scenarios that may be tried; 400 when absent. */
  maxRuns?: number;
}

const defaultMaxRuns = 400;

/**
 * Makes a failing scenario smaller, part after part in the order given, as long as it fails. The
 * same scenario shrinks to the same one each time.
 */
export async function shrink<S>(
  scenario: S,
  parts: readonly Part<S>[],
  fails: (smaller: S) => Promise<boolean>,
  { maxRuns = defaultMaxRuns }: ShrinkOptions = {},
): Promise<Shrunk<S>> {
  const budget: Budget = { runs: maxRuns };
  const kept: Record<string, readonly number[]> = {};
  let smallest = scenario;
  for (const part of parts) {
    const whole = smallest;
    const tryOut = (places: readonly number[]) => fails(part.keep(whole, places));
    const places = await fewestOf(part.length(whole), tryOut, budget);
    kept[part.name] = places;
    smallest = places.length === part.length(whole) ? whole : part.keep(whole, places);
  }
  return { scenario: smallest, kept, runs: maxRuns - budget.runs };
}
