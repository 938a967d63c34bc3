import { rightKey } from '@foyer/contracts';
import type { Status } from '@foyer/contracts';

import type { RunEvidence } from '../checkers/evidence.ts';
import { readCloudEnd } from './cloud-end.ts';
import { convergeMs } from './converge.ts';
import type { Converged } from './converge.ts';
import { answerMs } from './guests.ts';
import type { House } from './house.ts';
import { readNodeEnd } from './node-end.ts';
import type { Watch } from './watch.ts';

const reportMs = 5_000;
/** As the seeded theatre has it: a day. */
const staleAfterMs = 86_400_000;
/** Events of others that a node may hold for its upstream: more than a day offline makes. */
const mostRelayed = 40_000;

/**
 * Everything about a run, for the checkers of the simulation.
 * @param states of each node, asked just before it was stopped.
 */
export async function gatherEvidence(
  house: House,
  watch: Watch,
  converged: Converged,
  states: readonly (Status | undefined)[],
): Promise<RunEvidence> {
  const nodes = house.nodes.map((node, index) =>
    readNodeEnd(house.databaseOf(node), node, states[index]),
  );
  const committed = nodes.flatMap(({ events }) =>
    events.filter(({ body }) => body.kind === 'admission' || body.kind === 'reversal'),
  );
  return {
    verdicts: watch.verdicts,
    failedScans: watch.failedScans,
    committed,
    nodes,
    cloud: await readCloudEnd(house.database),
    samples: watch.samples,
    ticketChanges: [],
    losses: [],
    reportTimings: [],
    converged,
    probes: watch.probes,
    limits: {
      staleAfterMs,
      verdictMs: answerMs,
      reportMs,
      convergeMs,
      queues: { relayed: mostRelayed },
    },
  };
}

/** Entry rights and the scans that admitted them: shown or committed. */
function admitted(evidence: RunEvidence): Map<string, Set<string>> {
  const rights = new Map<string, Set<string>>();
  const add = (right: string, scanId: string): void => {
    const scans = rights.get(right) ?? new Set();
    rights.set(right, scans.add(scanId));
  };
  for (const { verdict } of [...evidence.verdicts, ...evidence.probes]) {
    const { colour, right, scanId } = verdict;
    if (colour === 'green' && right !== undefined) add(rightKey(right), scanId);
  }
  for (const { body } of evidence.committed) {
    if (body.kind === 'admission') add(rightKey(body.right), body.scanId);
  }
  return rights;
}

/** What a run's figures count. */
export interface Counts {
  readonly lost: number;
  readonly doubles: number;
  readonly doublesReported: number;
  readonly doublesUnreported: number;
}

/** Greens that the cloud lacks, and doubles that nobody reported, by the entry right. */
export function countLosses(evidence: RunEvidence): Counts {
  const { admissions, reports } = evidence.cloud;
  const inCloud = new Set(admissions.map(({ scanId }) => scanId));
  const reported = new Map(
    reports.map(({ ticketId, n, ...report }) => {
      return [rightKey({ ticketId, n }), report.admissions.length - 1];
    }),
  );
  let [lost, doubles, doublesUnreported] = [0, 0, 0];
  for (const [right, scans] of admitted(evidence)) {
    lost += [...scans].filter((scanId) => !inCloud.has(scanId)).length;
    doubles += scans.size - 1;
    doublesUnreported += Math.max(0, scans.size - 1 - (reported.get(right) ?? 0));
  }
  const doublesReported = [...reported.values()].reduce((sum, count) => sum + count, 0);
  return { lost, doubles, doublesReported, doublesUnreported };
}
