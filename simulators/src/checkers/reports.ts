import type { Checker, CloudReport, RunEvidence, Violation } from './evidence.ts';
import { viewOf, type Admitted, type View } from './view.ts';
import { at, lasting, some } from './words.ts';

/** A report lists at most so many admissions of a right (contracts: double-report). */
const mostReported = 64;

const rightOf = ({ ticketId, n }: CloudReport): string => `${ticketId}/${n}`;
const admissionsText = (admissions: readonly Admitted[]): string =>
  some(admissions.map(({ gate, atMs, scanId }) => `${gate} at ${atMs} by scan ${scanId}`));

/**
 * G4. Once everybody has met again, the cloud has for each right that was admitted more than once
 * exactly one report, with exactly its admissions; none for any other right; and every gate and the
 * theatre agent count the same doubles. A report exists within `limits.reportMs` of the moment at
 * which some node held both admissions. A right counts by itself: the entry that a reversal opened
 * is another right. Two events of one scan at one gate, which a restored disk makes when the same
 * scan is sent again, are one admission.
 *
 * An admission that a lost disk took along (G5) need not be reported; neither need one whose only
 * remaining copy is the cloud's, because nodes report, and none is left that knows of it. Where it
 * is reported all the same, that is no invention.
 */
export const checkG4: Checker = (evidence) => [
  ...wrongReports(evidence),
  ...ignorantNodes(evidence),
  ...lateReports(evidence),
];

/** The admissions of a right that must be known to all at the end. */
function lasted(
  evidence: RunEvidence,
  view: View,
  scans: ReadonlyMap<string, Admitted>,
): Admitted[] {
  if (evidence.losses.length === 0) return [...scans.values()];
  return [...scans.values()].filter(({ eventIds }) =>
    [...eventIds].some((id) => view.inCloud.has(id) && view.held.has(id)),
  );
}

function wrongReports(evidence: RunEvidence): Violation[] {
  const view = viewOf(evidence);
  const wrong: Violation[] = [];
  const say = (detail: string): void => void wrong.push({ law: 'G4', detail });
  const reports = new Map<string, CloudReport>();
  for (const report of evidence.cloud.reports) {
    const right = rightOf(report);
    if (reports.has(right)) say(`Right ${right} has more than one report in the cloud`);
    reports.set(right, report);
    for (const invented of inventions(view, report)) say(invented);
  }
  for (const [right, scans] of view.admitted) {
    if (scans.size < 2) continue;
    const all = lasted(evidence, view, scans);
    if (all.length < 2) continue;
    const report = reports.get(right);
    if (report === undefined) {
      say(`Right ${right} has no report; it was admitted by ${admissionsText(all)}`);
      continue;
    }
    if (report.admissions.length >= mostReported) continue;
    const told = new Set(report.admissions.map(({ eventId }) => eventId));
    const missing = all.filter(({ eventIds }) => ![...eventIds].some((id) => told.has(id)));
    if (missing.length > 0) say(`The report of ${right} lacks ${admissionsText(missing)}`);
  }
  return wrong;
}

/** What a report says that did not happen. */
function inventions(view: View, report: CloudReport): string[] {
  const right = rightOf(report);
  const scans = [...(view.admitted.get(right)?.values() ?? [])];
  const byEvent = new Map(
    scans.flatMap((one) => [...one.eventIds].map((id) => [id, one] as const)),
  );
  const found: string[] = [];
  const told = new Set<Admitted>();
  for (const { eventId, gate, atMs } of report.admissions) {
    const real = byEvent.get(eventId);
    if (real === undefined) {
      found.push(`The report of ${right} names event ${eventId} at ${gate}, which nobody wrote`);
      continue;
    }
    if (real.gate !== gate || !realTime(real, atMs)) {
      found.push(
        `The report of ${right} has event ${eventId} at ${gate}, ${atMs}; it was ` +
          admissionsText([real]),
      );
    }
    if (told.has(real)) found.push(`The report of ${right} names ${admissionsText([real])} twice`);
    told.add(real);
  }
  if (scans.length < 2) found.push(`A report of ${right} exists, which was admitted once at most`);
  return found;
}

// Two events of one scan have two times; only that of a single one is known for certain.
const realTime = (real: Admitted, atMs: number): boolean =>
  real.eventIds.size > 1 || real.atMs === atMs;

function ignorantNodes(evidence: RunEvidence): Violation[] {
  const view = viewOf(evidence);
  let least = 0;
  let most = 0;
  for (const scans of view.admitted.values()) {
    least += Math.max(0, lasted(evidence, view, scans).length - 1);
    most += scans.size - 1;
  }
  return evidence.nodes.flatMap(({ node, role, doublesKnown }) => {
    const enough = doublesKnown >= least;
    if (role === 'screen' || (enough && doublesKnown <= most)) return [];
    const there = least === most ? `${most}` : `${least} to ${most}`;
    return [{ law: 'G4', detail: `${node} knows of ${doublesKnown} doubles; there are ${there}` }];
  });
}

function lateReports(evidence: RunEvidence): Violation[] {
  const { reportMs } = evidence.limits;
  return evidence.reportTimings.flatMap(({ right, knowableRunMs, reportedRunMs }) => {
    const known = `Right ${right}: both admissions were at one node at ${at(knowableRunMs)}`;
    if (reportedRunMs === null) {
      // The disk that could know may have been the one that was lost.
      if (evidence.losses.some(({ runMs }) => runMs >= knowableRunMs)) return [];
      return [{ law: 'G4', detail: `${known}, and it never reported them` }];
    }
    const tookMs = reportedRunMs - knowableRunMs;
    if (tookMs <= reportMs) return [];
    const detail = `${known}, and reported ${lasting(tookMs)} later; the limit is ${reportMs} ms`;
    return [{ law: 'G4', detail }];
  });
}
