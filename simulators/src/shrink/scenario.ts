import {
  makeBusyScenario,
  makeScenario,
  runScenario,
  type Scenario,
  type SeedResult,
} from '../sim/index.ts';
import { shrink, type Part, type ShrinkOptions } from './shrink.ts';

/** The items of a list at these places. */
function at<T>(items: readonly T[], places: readonly number[]): T[] {
  return places.flatMap((place) => items.slice(place, place + 1));
}

/** What a scenario is made smaller by: faults first, they tell the most. */
const parts: readonly Part<Scenario>[] = [
  {
    name: 'faults',
    length: ({ faults }) => faults.length,
    keep: (scenario, places) => ({ ...scenario, faults: at(scenario.faults, places) }),
  },
  {
    name: 'sales',
    length: ({ sales }) => sales.length,
    keep: (scenario, places) => ({ ...scenario, sales: at(scenario.sales, places) }),
  },
  {
    name: 'scans',
    length: ({ scans }) => scans.length,
    keep: (scenario, places) => ({ ...scenario, scans: at(scenario.scans, places) }),
  },
];

/**
 * The scenario of a seed with some of its faults, by their numbers; null: all of them.
 *
 * @param pauses without: the evening has no quiet stretches.
 */
export function scenarioOf(
  seed: number,
  faults: readonly number[] | null,
  pauses: 'with' | 'without' = 'with',
): Scenario {
  const scenario = pauses === 'with' ? makeScenario(seed) : makeBusyScenario(seed);
  if (faults === null) return scenario;
  return { ...scenario, faults: scenario.faults.filter(({ id }) => faults.includes(id)) };
}

export interface ShrunkSeed {
  readonly seed: number;
  /** The law that the whole scenario breaks first; the smallest breaks it, too. */
  readonly law: string;
  /** Numbers of the faults that are needed. */
  readonly faults: readonly number[];
  readonly scenario: Scenario;
  readonly runs: number;
  /** Replays the seed with those faults. */
  readonly command: string;
}

/** Faults are left out of a replay by their numbers; an empty list is written as `none`. */
const listed = (faults: readonly number[]): string =>
  faults.length === 0 ? 'none' : faults.join(',');

/**
 * Reduces a seed's scenario to the fewest faults, sales and scans that break the same law.
 * @returns null where the seed breaks none.
 */
export async function shrinkSeed(
  seed: number,
  options: ShrinkOptions = {},
  run: (scenario: Scenario) => Promise<Pick<SeedResult, 'violations'>> = runScenario,
): Promise<ShrunkSeed | null> {
  const whole = makeScenario(seed);
  const law = (await run(whole)).violations[0]?.law;
  if (law === undefined) return null;
  const fails = async (smaller: Scenario): Promise<boolean> =>
    (await run(smaller)).violations.some((violation) => violation.law === law);
  const { scenario, runs } = await shrink(whole, parts, fails, options);
  const faults = scenario.faults.map(({ id }) => id);
  const command = `npx foyer simulate --seed ${seed} --faults ${listed(faults)} --trace`;
  return { seed, law, faults, scenario, runs, command };
}
