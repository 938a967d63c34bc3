import type { NodeId } from '@foyer/contracts';

/** What another node's clock shows now, as far as this node can tell. */
export interface ClockReading {
  node: NodeId;
  wallMs: number;
}

export interface ClockQuestion {
  /** What this machine's clock shows. */
  rawMs: number;
  /** No true time is before this: the last agreed time that was persisted. */
  floorMs: number;
  /** Of each node that was heard in this run. */
  readings: readonly ClockReading[];
  /** Asked first where no majority agrees and this clock cannot be right. */
  upstream: NodeId | null;
}

export interface ClockAnswer {
  /** To be added to this machine's clock. */
  correctionMs: number;
  /** True when more than half of the plausible clocks, and at least two, show the same time. */
  agreed: boolean;
}

/**
 * Clocks this near to each other show the same time: several times the error of a network time
 * server on a LAN, and far less than the 15 s step of a rotating code.
 */
export const sameTimeMs = 2000;

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The largest set of sorted times that lie within `sameTimeMs`; the earliest of equals. */
function largestCluster(sorted: readonly number[]): readonly number[] {
  let best: readonly number[] = [];
  for (let from = 0; from < sorted.length; from += 1) {
    const start = sorted[from] ?? 0;
    const cluster = sorted.slice(from).filter((time) => time - start <= sameTimeMs);
    if (cluster.length > best.length) best = cluster;
  }
  return best;
}

/**
 * Judges this machine's clock by the clocks of other nodes, each by what its own machine shows: a
 * corrected time would only echo. Clocks before the floor are out of order and have no say.
 */
export function judgeClock(question: ClockQuestion): ClockAnswer {
  const { rawMs, floorMs } = question;
  const ownPlausible = rawMs >= floorMs;
  const readings = question.readings.filter((reading) => reading.wallMs >= floorMs);
  const times = readings.map((reading) => reading.wallMs);
  if (ownPlausible) times.push(rawMs);
  times.sort((one, other) => one - other);
  const cluster = largestCluster(times);
  if (cluster.length >= 2 && cluster.length * 2 > times.length) {
    const correctionMs = ownPlausible && cluster.includes(rawMs) ? 0 : median(cluster) - rawMs;
    return { correctionMs, agreed: true };
  }
  const best =
    readings.find((reading) => reading.node === question.upstream) ?? readings[0] ?? null;
  if (ownPlausible || best === null) return { correctionMs: 0, agreed: false };
  return { correctionMs: best.wallMs - rawMs, agreed: false };
}
