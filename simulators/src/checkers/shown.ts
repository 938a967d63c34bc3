import { rightKey } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';

import { isVoted } from './view.ts';

/** A verdict as the guest saw it at a gate. */
export interface ShownVerdict {
  readonly gate: string;
  readonly verdict: Pick<Verdict, 'scanId' | 'colour' | 'reason' | 'right' | 'flags'>;
  /** From the local API's request to its answer; absent where it was not measured. */
  readonly verdictMs?: number | undefined;
}

/** An admission as the cloud's booking API lists it. */
export interface CloudAdmission {
  readonly scanId: string;
  readonly ticketId: string;
  readonly n: number;
}

/** A double as a gate reported it to the cloud. */
export interface ReportedDouble {
  readonly ticketId: string;
  readonly n: number;
  readonly admissions: readonly unknown[];
}

/** One verdict a scan: an answer that was asked for again is the same scan. */
export function distinctScans(shown: readonly ShownVerdict[]): ShownVerdict[] {
  return [...new Map(shown.map((each) => [each.verdict.scanId, each])).values()];
}

/** How many verdicts of one colour were shown. */
export const countColour = (shown: readonly ShownVerdict[], colour: Verdict['colour']): number =>
  shown.filter(({ verdict }) => verdict.colour === colour).length;

/**
 * Green verdicts by the entry right that they admitted. A green without a right has its own key.
 */
export function greensByRight(shown: readonly ShownVerdict[]): Map<string, ShownVerdict[]> {
  const rights = new Map<string, ShownVerdict[]>();
  for (const each of shown) {
    const { verdict } = each;
    if (verdict.colour !== 'green') continue;
    const key = verdict.right === undefined ? `?${verdict.scanId}` : rightKey(verdict.right);
    rights.set(key, [...(rights.get(key) ?? []), each]);
  }
  return rights;
}

/** Sum over entry rights of (greens shown - 1). */
export function countDoubles(shown: readonly ShownVerdict[]): number {
  return [...greensByRight(shown).values()].reduce((sum, greens) => sum + greens.length - 1, 0);
}

/** Entry rights with more than one green that has its votes: there must never be one (G1). */
export function unflaggedDoubles(shown: readonly ShownVerdict[]): string[] {
  return [...greensByRight(shown)]
    .filter(([, greens]) => greens.filter(({ verdict }) => isVoted(verdict.flags)).length > 1)
    .map(([right]) => right);
}

/** Entry rights that one and the same gate showed green more than once: there must be none (G0). */
export function sameGateDoubles(shown: readonly ShownVerdict[]): string[] {
  return [...greensByRight(shown)]
    .filter(([, greens]) => new Set(greens.map(({ gate }) => gate)).size < greens.length)
    .map(([right]) => right);
}

/** The same sum over the reports that reached the cloud; one report a right. */
export function countReportedDoubles(reports: readonly ReportedDouble[]): number {
  return reports.reduce((sum, report) => sum + report.admissions.length - 1, 0);
}

/** Greens that the cloud has no admission of, by scan (G5). */
export function lostGreens(
  shown: readonly ShownVerdict[],
  admissions: readonly CloudAdmission[],
): string[] {
  const known = new Set(admissions.map(({ scanId }) => scanId));
  return distinctScans(shown)
    .filter(({ verdict }) => verdict.colour === 'green' && !known.has(verdict.scanId))
    .map(({ verdict }) => verdict.scanId);
}

/** Admissions in the cloud that no gate showed, by scan. */
export function unshownAdmissions(
  shown: readonly ShownVerdict[],
  admissions: readonly CloudAdmission[],
): string[] {
  const greens = new Set(
    shown.filter(({ verdict }) => verdict.colour === 'green').map(({ verdict }) => verdict.scanId),
  );
  return admissions.filter(({ scanId }) => !greens.has(scanId)).map(({ scanId }) => scanId);
}
