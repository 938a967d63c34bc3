import { SimRandom } from '@foyer/platform/sim';

import { kindOf } from './faults/index.ts';
import { makeBusyScenario, type Scenario } from './scenario.ts';

/** A quiet stretch of an evening, between the guests of two shows: nobody comes or buys. */
interface Pause {
  /** Of the evening without its pauses. */
  readonly atMs: number;
  readonly lastsMs: number;
}

const minuteMs = 60_000;
const pauses = 3;
const shortestMs = 10 * minuteMs;
const longestMs = 30 * minuteMs;

/** When the guests of an evening have gone for a while. */
function drawPauses(random: SimRandom, loadMs: number): Pause[] {
  return Array.from({ length: pauses }, () => ({
    atMs: loadMs * (0.15 + random.float() * 0.75),
    lastsMs: shortestMs + random.int(longestMs - shortestMs),
  }));
}

/**
 * The evening with pauses in it. A fault that is under way when one begins goes on through it, and
 * is there when guests come again: outages, splits and dead machines then last for many minutes.
 * One that is over in a moment, or that would do nothing but the same all the time, does not.
 */
function withPauses(scenario: Scenario, all: readonly Pause[]): Scenario {
  const later = (ms: number): number =>
    all.reduce((sum, { atMs, lastsMs }) => sum + (atMs <= ms ? lastsMs : 0), ms);
  const put = <T extends { atMs: number }>(one: T): T => ({ ...one, atMs: later(one.atMs) });
  return {
    ...scenario,
    loadMs: later(scenario.loadMs),
    scans: scenario.scans.map(put),
    sales: scenario.sales.map(put),
    faults: scenario.faults.map((fault) => {
      const startMs = later(fault.startMs);
      const isBrief = kindOf(fault.kind).brief === true;
      const endMs = isBrief ? startMs + fault.endMs - fault.startMs : later(fault.endMs);
      return { ...fault, startMs, endMs };
    }),
  };
}

/** The scenario of a seed: guests in bursts, and quiet stretches of many minutes between them. */
export function makeScenario(seed: number): Scenario {
  const busy = makeBusyScenario(seed);
  return withPauses(busy, drawPauses(new SimRandom(seed).fork('pauses'), busy.loadMs));
}
