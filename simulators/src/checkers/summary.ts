import {
  countColour,
  countDoubles,
  countReportedDoubles,
  distinctScans,
  lostGreens,
} from './shown.ts';
import type { CloudAdmission, ReportedDouble, ShownVerdict } from './shown.ts';

/** What a run amounted to. The names are the ones that scripts rely on. */
export interface Summary {
  readonly scans: number;
  readonly greens: number;
  readonly reds: number;
  readonly ambers: number;
  readonly ignored: number;
  readonly degraded: number;
  readonly doubles: number;
  readonly reportedDoubles: number;
  readonly lost: number;
  readonly cloudAdmissions: number;
  readonly verdictP50Ms: number;
  readonly verdictP99Ms: number;
  readonly convergedMs: number;
  /** Plays that ended on the screens, and those that the cloud has; null without a browser. */
  readonly plays: number | null;
  readonly playsInCloud: number | null;
  /** Milliseconds in which a screen had nothing on it, over all screens. */
  readonly blankMs: number | null;
}

/** What a summary is made of: what gates showed, and what the cloud has. */
export interface Shown {
  readonly shown: readonly ShownVerdict[];
  readonly admissions: readonly CloudAdmission[];
  readonly reports: readonly ReportedDouble[];
  readonly convergedMs: number;
  readonly plays?: number | null;
  readonly playsInCloud?: number | null;
  readonly blankMs?: number | null;
}

/** The value that `share` of the values do not exceed (nearest rank); 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Counts a run. `degraded` are the greens that were given without two votes. */
export function summarise(evidence: Shown): Summary {
  const shown = distinctScans(evidence.shown);
  const greens = countColour(shown, 'green');
  const reds = countColour(shown, 'red');
  const ambers = countColour(shown, 'amber');
  const times = shown.flatMap(({ verdictMs }) => (verdictMs === undefined ? [] : [verdictMs]));
  return {
    scans: greens + reds + ambers,
    greens,
    reds,
    ambers,
    ignored: countColour(shown, 'ignored'),
    degraded: shown.filter(
      ({ verdict }) => verdict.colour === 'green' && verdict.flags.includes('degraded'),
    ).length,
    doubles: countDoubles(shown),
    reportedDoubles: countReportedDoubles(evidence.reports),
    lost: lostGreens(shown, evidence.admissions).length,
    cloudAdmissions: evidence.admissions.length,
    verdictP50Ms: tenth(percentile(times, 0.5)),
    verdictP99Ms: tenth(percentile(times, 0.99)),
    convergedMs: Math.round(evidence.convergedMs),
    plays: evidence.plays ?? null,
    playsInCloud: evidence.playsInCloud ?? null,
    blankMs: evidence.blankMs ?? null,
  };
}
