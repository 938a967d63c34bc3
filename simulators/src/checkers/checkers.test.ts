import { expect, test } from 'vitest';

import type { Flag, Verdict } from '@foyer/contracts';

import {
  countDoubles,
  countReportedDoubles,
  lostGreens,
  percentile,
  sameGateDoubles,
  summarise,
  unflaggedDoubles,
  unshownAdmissions,
} from './index.ts';
import type { ShownVerdict } from './index.ts';

interface Plan {
  readonly scanId: string;
  readonly ticket?: string;
  readonly colour?: Verdict['colour'];
  readonly gate?: string;
  readonly flags?: Flag[];
  readonly verdictMs?: number;
}

const show = (plan: Plan): ShownVerdict => ({
  gate: plan.gate ?? 'gate-1',
  verdictMs: plan.verdictMs,
  verdict: {
    scanId: plan.scanId,
    colour: plan.colour ?? 'green',
    reason: 'admitted',
    ...(plan.ticket === undefined ? {} : { right: { ticketId: plan.ticket, n: 0 } }),
    flags: plan.flags ?? [],
  },
});

const honest = [
  show({ scanId: 'a', ticket: 't1', verdictMs: 3 }),
  show({ scanId: 'b', ticket: 't2', verdictMs: 5, flags: ['degraded'] }),
  show({ scanId: 'c', ticket: 't1', colour: 'red', verdictMs: 4 }),
  show({ scanId: 'd', ticket: 't3', colour: 'amber' }),
  show({ scanId: 'e', colour: 'ignored' }),
];

const inCloud = [
  { scanId: 'a', ticketId: 't1', n: 0 },
  { scanId: 'b', ticketId: 't2', n: 0 },
];

test('an honest run has no doubles, nothing lost, and every admission in the cloud', () => {
  const summary = summarise({
    shown: honest,
    admissions: inCloud,
    reports: [],
    convergedMs: 812.4,
    plays: 31,
    playsInCloud: 31,
    blankMs: 0,
  });
  expect(summary).toEqual({
    scans: 4,
    greens: 2,
    reds: 1,
    ambers: 1,
    ignored: 1,
    degraded: 1,
    doubles: 0,
    reportedDoubles: 0,
    lost: 0,
    cloudAdmissions: 2,
    verdictP50Ms: 4,
    verdictP99Ms: 5,
    convergedMs: 812,
    plays: 31,
    playsInCloud: 31,
    blankMs: 0,
  });
});

test('a planted double is counted once for each extra green', () => {
  const shown = [
    ...honest,
    show({ scanId: 'x', ticket: 't1', gate: 'gate-2', flags: ['degraded'] }),
    show({ scanId: 'y', ticket: 't1', gate: 'gate-3', flags: ['degraded'] }),
  ];
  expect(countDoubles(shown)).toBe(2);
  expect(unflaggedDoubles(shown)).toEqual([]);
  expect(sameGateDoubles(shown)).toEqual([]);
});

test('two greens without a flag, or two at one gate, are named', () => {
  const shown = [...honest, show({ scanId: 'x', ticket: 't1' })];
  expect(unflaggedDoubles(shown)).toEqual(['t1/0']);
  expect(sameGateDoubles(shown)).toEqual(['t1/0']);
});

test('two greens on old data have their votes, and are named all the same', () => {
  const shown = [
    show({ scanId: 'a', ticket: 't1', flags: ['stale-data'] }),
    show({ scanId: 'x', ticket: 't1', gate: 'gate-2', flags: ['stale-data'] }),
  ];
  expect(unflaggedDoubles(shown)).toEqual(['t1/0']);
});

test('an answer that was asked for again is the same scan, and no double', () => {
  const again = show({ scanId: 'a', ticket: 't1', verdictMs: 2 });
  const summary = summarise({
    shown: [...honest, again],
    admissions: inCloud,
    reports: [],
    convergedMs: 0,
  });
  expect(summary).toMatchObject({ scans: 4, greens: 2, doubles: 0 });
});

test('a green that the cloud lacks is lost, and an admission that no gate showed is named', () => {
  const planted = [inCloud[0]!, { scanId: 'ghost', ticketId: 't9', n: 0 }];
  expect(lostGreens(honest, planted)).toEqual(['b']);
  expect(unshownAdmissions(honest, planted)).toEqual(['ghost']);
  expect(unshownAdmissions(honest, inCloud)).toEqual([]);
});

test('reports are counted as extra admissions', () => {
  const reports = [
    { ticketId: 't1', n: 0, admissions: [1, 2, 3] },
    { ticketId: 't2', n: 0, admissions: [1, 2] },
  ];
  expect(countReportedDoubles(reports)).toBe(3);
});

test('percentiles are values that occurred', () => {
  expect(percentile([], 0.5)).toBe(0);
  expect(percentile([5, 1, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 3], 0.99)).toBe(5);
});
