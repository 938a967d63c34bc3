import type { SimRandom } from '@foyer/platform/sim';

import { gateIds } from '../fixture.ts';
import type { Draw, Fault } from './fault.ts';
import { drawnBeside, faultKinds, mainKinds } from './index.ts';

const leastKinds = 3;
const mostFaults = 7;
/** One evening in four has one of the faults that come beside the others. */
const besideChance = 0.25;
/** Faults begin when everything stands, and end before the load does. */
const quietMs = 1500;

/** The faults of a run: at least three kinds, each with a beginning and an end. */
export function drawFaults(random: SimRandom, gates: number, loadMs: number): Fault[] {
  const ids = gateIds(gates);
  const draw = { random, gates: ids, nodes: ['theatre', ...ids] };
  const kinds = Object.entries(mainKinds);
  const pick = (): string => {
    let at = random.float() * kinds.reduce((sum, [, { weight }]) => sum + weight, 0);
    for (const [kind, { weight }] of kinds) {
      at -= weight;
      if (at < 0) return kind;
    }
    return kinds[0]?.[0] ?? '';
  };
  const chosen = new Set<string>();
  while (chosen.size < leastKinds) chosen.add(pick());
  const more = random.int(mostFaults - leastKinds + 1);
  const all = [...chosen, ...Array.from({ length: more }, pick)];
  const main = all.map((kind, id) => drawOne(kind, id, { ...draw, loadMs }));
  // From a stream of its own: the others are the same whether or not there is one.
  const beside = random.fork('beside');
  if (!beside.chance(besideChance)) return main;
  const kind = beside.pick(drawnBeside);
  return [...main, drawOne(kind, main.length, { ...draw, random: beside, loadMs })];
}

function drawOne(kind: string, id: number, draw: Draw & { loadMs: number }): Fault {
  const { random, loadMs } = draw;
  const { leastMs = 100 } = faultKinds[kind] ?? {};
  const latestMs = Math.max(quietMs, Math.min(loadMs * 0.85, loadMs - leastMs) - quietMs);
  const startMs = quietMs + random.float() * (latestMs - quietMs);
  const longestMs = Math.min(10_000, loadMs - quietMs - startMs);
  const lastsMs = Math.max(leastMs, 100 + random.float() ** 2 * longestMs);
  const details = { node: 'theatre', other: 'theatre', amount: 0, groups: [] };
  return {
    id,
    kind,
    startMs,
    endMs: Math.min(startMs + lastsMs, loadMs - quietMs),
    ...details,
    ...faultKinds[kind]?.draw(draw),
  };
}
