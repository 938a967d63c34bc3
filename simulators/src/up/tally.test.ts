import { expect, test } from 'vitest';

import type { Flag, Verdict } from '@foyer/contracts';

import { Tally } from './tally.ts';

const scanId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function line(n: number, colour: Verdict['colour'], flags: Flag[] = []): string {
  return JSON.stringify({
    kind: 'verdict',
    gate: 'gate-1',
    intent: 'honest',
    condition: 'clean',
    frames: 1,
    decodeMs: 8,
    scanMs: 3.5,
    frameToVerdictMs: 14,
    verdict: {
      scanId: scanId(n),
      colour,
      reason: colour === 'green' ? 'admitted' : 'too-early',
      message: 'Hall 5, on your left',
      right: { ticketId: '0007000000000001', n: 0 },
      flags,
      cursor: { seq: 1, ageMs: 0 },
      atMs: 1,
    },
  });
}

test('it counts by gate what guests saw', () => {
  const tally = new Tally();
  const heard: string[] = [];
  tally.onVerdict(({ verdict }) => heard.push(verdict.colour));
  tally.takeLine(line(1, 'green'));
  tally.takeLine(line(2, 'green', ['degraded']));
  tally.takeLine(line(3, 'red'));
  tally.takeLine('{"kind":"gave-up","gate":"gate-1","intent":"honest","condition":"glare"}');
  tally.takeLine('{"kind":"bought","seats":3}');
  tally.takeLine('{"kind":"not-sold","code":"seat-taken"}');
  tally.takeLine('{"kind":"finished"}');
  expect(tally.gate('gate-1')).toMatchObject({ greens: 2, reds: 1, degraded: 1, gaveUp: 1 });
  expect(tally.counts).toEqual({ bought: 3, notSold: 1, left: 0, gaveUp: 1, unreadable: 0 });
  expect(tally.refusals).toEqual(new Map([['seat-taken', 1]]));
  expect(heard).toEqual(['green', 'green', 'red']);
  expect(tally.shown[0]?.verdictMs).toBe(3.5);
  expect(tally.finished).toBe(true);
});

test('a line that is no report is counted and does no harm', () => {
  const tally = new Tally();
  tally.takeLine('Segmentation fault');
  tally.takeLine('{"kind":"verdict"}');
  expect(tally.counts.unreadable).toBe(2);
  expect(tally.shown).toEqual([]);
});
