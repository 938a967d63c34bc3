import { rightKey } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import type { Checker, RunEvidence, Violation } from './evidence.ts';
import { scansOf, viewOf } from './view.ts';
import { at, verdictWords } from './words.ts';

/**
 * G5. What is shown green is committed first: a record of the same scan, gate, right and flags is
 * on the gate's disk, and is not lost by a crash or a power cut. Every record reaches the cloud,
 * with the same content, and the cloud has no admission that no gate made. A record is lost only
 * with a disk (replaced, rotten, set back to a backup) that alone held it at that moment; which
 * those were is taken down when the disk is lost.
 */
export const checkG5: Checker = (evidence) => [
  ...unrecorded(evidence),
  ...halfDone(evidence),
  ...absent(evidence),
  ...foreign(evidence),
];

const greenReasons: ReadonlySet<Verdict['reason']> = new Set([
  'admitted',
  'admitted-degraded',
  'check-age',
]);

function unrecorded(evidence: RunEvidence): Violation[] {
  const wrong: Violation[] = [];
  for (const { gate, runMs, verdict, recorded } of evidence.verdicts) {
    if (verdict.colour !== 'green' || verdict.reason === 'valid') continue;
    const shown = verdictWords(verdict);
    const what = `${gate} showed ${shown} at ${at(runMs)} by scan ${verdict.scanId}`;
    if (recorded === false) {
      wrong.push({ law: 'G5', detail: `${what} before its database held a record of it` });
    }
    if (verdict.right === undefined || !greenReasons.has(verdict.reason)) {
      wrong.push({ law: 'G5', detail: `${what}, which says of no right that it is admitted` });
    }
  }
  const probes = new Set(evidence.probes);
  const made = new Set(evidence.cloud.admissions.map(({ gate, scanId }) => `${gate} ${scanId}`));
  for (const greens of viewOf(evidence).greens.values()) {
    for (const { seen, recorded, gate, scanId, right } of greens) {
      if (seen === null || probes.has(seen)) continue;
      const what = `${gate} showed ${right} green at ${at(seen.runMs)} by scan ${scanId}`;
      if (recorded === null) {
        if (made.has(`${gate} ${scanId}`)) continue;
        wrong.push({ law: 'G5', detail: `${what}, and no disk ever held a record of it` });
      } else if (flagText(recorded.flags) !== flagText(seen.verdict.flags)) {
        const kept = `its record says [${recorded.flags.join(' ')}]`;
        const detail = `${what} with [${seen.verdict.flags.join(' ')}], and ${kept}`;
        wrong.push({ law: 'G5', detail });
      }
    }
  }
  return wrong;
}

/** A scan that its gate could not commit, and answered so, left nothing behind. */
function halfDone(evidence: RunEvidence): Violation[] {
  const answered = new Set(scansOf(evidence).map(({ verdict }) => verdict.scanId));
  const refused = new Map(
    evidence.failedScans
      .filter(({ crashed, scanId }) => !crashed && !answered.has(scanId))
      .map((failed) => [failed.scanId, failed]),
  );
  return evidence.committed.flatMap(({ eventId, body }) => {
    const failed = body.kind === 'admission' ? refused.get(body.scanId) : undefined;
    if (failed === undefined) return [];
    const detail =
      `${failed.gate} answered scan ${failed.scanId} at ${at(failed.runMs)} with ${failed.code}, ` +
      `and its admission is written, event ${eventId}`;
    return [{ law: 'G5', detail }];
  });
}

const flagText = (flags: Verdict['flags']): string => flags.toSorted().join(' ');

function absent(evidence: RunEvidence): Violation[] {
  const { inCloud, lost } = viewOf(evidence);
  const told = new Set<string>();
  return evidence.committed.flatMap(({ eventId, node, seq, body }) => {
    if (inCloud.has(eventId) || lost.has(eventId) || told.has(eventId)) return [];
    if (body.kind !== 'admission' && body.kind !== 'reversal') return [];
    told.add(eventId);
    const { right, gate, atMs, scanId } = body;
    const detail =
      `The ${body.kind} of ${rightKey(right)} at ${gate}, ${atMs}, by scan ${scanId} ` +
      `(${node} ledger ${seq}, event ${eventId}) is not in the cloud, and no disk was lost with it`;
    return [{ law: 'G5', detail }];
  });
}

function foreign(evidence: RunEvidence): Violation[] {
  const wrong: Violation[] = [];
  const events = new Map(evidence.committed.map((event) => [event.eventId, event.body]));
  const reversed = new Set(
    evidence.committed.flatMap(({ eventId, body }) =>
      body.kind === 'reversal' && viewOf(evidence).inCloud.has(eventId)
        ? [`${rightKey(body.right)} ${body.scanId}`]
        : [],
    ),
  );
  for (const { eventId, scanId, gate, ...there } of evidence.cloud.admissions) {
    const right = rightKey(there);
    const what = `The cloud has an admission of ${right} at ${gate} by scan ${scanId}`;
    const body = events.get(eventId);
    if (body?.kind !== 'admission') {
      wrong.push({ law: 'G5', detail: `${what}, event ${eventId}, which no gate wrote` });
      continue;
    }
    if (rightKey(body.right) !== right || body.gate !== gate || body.scanId !== scanId) {
      const real = `${rightKey(body.right)} at ${body.gate} by scan ${body.scanId}`;
      wrong.push({ law: 'G5', detail: `${what}; event ${eventId} says ${real}` });
    }
    const isReversed = reversed.has(`${right} ${scanId}`);
    if (there.reversed !== isReversed) {
      const state = there.reversed ? 'reversed' : 'standing';
      const detail = `${what}, ${state}; the gates say the opposite`;
      wrong.push({ law: 'G5', detail });
    }
  }
  return wrong;
}

/**
 * A refusal as `already-admitted` is true: the admission that it names was made, at that gate and
 * time. No guest is turned away because of an attempt that admitted nobody.
 */
export const checkRefusals: Checker = (evidence) => {
  const made = new Set(
    evidence.committed.flatMap(({ body }) =>
      body.kind === 'admission' ? [`${body.gate} ${body.atMs}`] : [],
    ),
  );
  const probes = new Set(evidence.probes);
  return scansOf(evidence).flatMap((seen) => {
    const { gate, runMs, verdict } = seen;
    const { admission } = verdict;
    if (verdict.reason !== 'already-admitted' || probes.has(seen)) return [];
    if (admission !== undefined && made.has(`${admission.gate} ${admission.atMs}`)) return [];
    const named = admission === undefined ? 'none' : `${admission.gate} at ${admission.atMs}`;
    const detail =
      `${gate} refused scan ${verdict.scanId} at ${at(runMs)} as already admitted; the admission ` +
      `that it names (${named}) was never made`;
    return [{ law: 'true-refusals', detail }];
  });
};
