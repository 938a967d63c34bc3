import { countDoubles, countReportedDoubles, lostGreens, unfinished } from '../checkers/index.ts';
import type { CloudAdmission, ReportedDouble } from '../checkers/index.ts';
import type { Observer } from './observer.ts';
import type { Tally } from './tally.ts';

/** What the cloud had in the end. */
export interface Drained {
  readonly convergedMs: number;
  /** False when something was still missing after the longest time. */
  readonly converged: boolean;
  readonly admissions: readonly CloudAdmission[];
  readonly reports: readonly ReportedDouble[];
  /** Proofs of play; null when nothing was shown. */
  readonly playsInCloud: number | null;
  /** What was missing, for a person; empty when converged. */
  readonly missing: readonly string[];
}

/** How long queues may take to drain. */
export const longestDrainMs = 60_000;
const gapMs = 250;

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

interface Look {
  readonly missing: string[];
  readonly admissions: readonly CloudAdmission[];
  readonly reports: readonly ReportedDouble[];
  readonly playsInCloud: number | null;
}

/** What must be in the cloud in the end. */
export interface Expected {
  readonly tally: Tally;
  readonly nodes: readonly string[];
  /** Plays that ended on the screens; null when nothing was shown. */
  readonly plays: number | null;
}

async function look(observer: Observer, { tally, nodes, plays }: Expected): Promise<Look> {
  const missing: string[] = [];
  if (!tally.finished) missing.push('guests are still on their way');
  const states = await Promise.all(nodes.map((node) => observer.status(node)));
  for (const [index, state] of states.entries()) {
    if (state === undefined) missing.push(`${nodes[index]} does not answer`);
    else missing.push(...unfinished(state));
  }
  const [admissions, reports] = await Promise.all([
    observer.admissions(),
    observer.doubles(),
  ]).catch(() => [[], []] as [CloudAdmission[], ReportedDouble[]]);
  const lost = lostGreens(tally.shown, admissions).length;
  if (lost > 0) missing.push(`the cloud lacks ${lost} greens`);
  const doubles = countDoubles(tally.shown);
  const reported = countReportedDoubles(reports);
  if (reported < doubles) missing.push(`${doubles - reported} doubles are not reported`);
  const playsInCloud = plays === null ? null : ((await observer.summary())?.plays ?? 0);
  if (plays !== null && playsInCloud !== plays) {
    missing.push(`the cloud has ${playsInCloud} of ${plays} plays`);
  }
  return { missing, admissions, reports, playsInCloud };
}

/**
 * Waits until every queue is empty and the cloud has all that gates showed.
 * @param longestMs 0 looks once.
 * @param say is told what is missing, about every 5 s.
 */
export async function drain(
  observer: Observer,
  expected: Expected,
  longestMs: number,
  say: (line: string) => void,
): Promise<Drained> {
  const beganMs = performance.now();
  let saidMs = beganMs;
  for (;;) {
    const found = await look(observer, expected);
    const convergedMs = performance.now() - beganMs;
    const converged = found.missing.length === 0;
    if (converged || convergedMs >= longestMs) return { ...found, converged, convergedMs };
    if (performance.now() - saidMs > 5_000) {
      saidMs = performance.now();
      say(`Waiting: ${found.missing.slice(0, 4).join('; ')}.`);
    }
    await pause(gapMs);
  }
}
