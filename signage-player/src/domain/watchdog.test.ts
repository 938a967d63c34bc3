import { expect, test } from 'vitest';

import { calmState, rungLimits, rungs, watch } from './watchdog.ts';
import type { Rung, Trouble, WatchState } from './watchdog.ts';

const all: ReadonlySet<Rung> = new Set(rungs);
const startMs = 1_800_000_000_000;

/** Ticks each second for `seconds`, and lists the steps with their seconds. */
function run(
  seconds: number,
  trouble: Trouble | null,
  able: ReadonlySet<Rung> = all,
  from: { state: WatchState; atS: number } = { state: calmState, atS: 0 },
) {
  let { state } = from;
  const steps: [string, number][] = [];
  for (let s = from.atS; s < from.atS + seconds; s += 1) {
    const result = watch(state, { nowMs: startMs + s * 1000, trouble, heard: true, able });
    state = result.state;
    if (result.step !== null) steps.push([result.step, s]);
  }
  return { state, steps, atS: from.atS + seconds };
}

test('a stuck film is skipped, then reloaded, then the browser, then the output', () => {
  expect(run(120, 'playback-stalled').steps).toEqual([
    ['skip', 0],
    ['reload', 10],
    ['restart-browser', 30],
    ['restart-output', 90],
  ]);
});

test('a silent page is not told to skip: it would not hear', () => {
  expect(run(1, 'page-silent').steps).toEqual([['reload', 0]]);
});

test('a rung that this box cannot step on is left out', () => {
  const able: ReadonlySet<Rung> = new Set<Rung>(['skip', 'restart-output']);
  expect(run(40, 'playback-stalled', able).steps.map(([rung]) => rung)).toEqual([
    'skip',
    'restart-output',
  ]);
});

test('in a day of trouble each rung is stepped on at most so often an hour', () => {
  const { steps } = run(86_400, 'playback-stalled');
  for (const rung of rungs) {
    const at = steps.filter(([name]) => name === rung).map(([, s]) => s);
    for (const s of at) {
      const within = at.filter((other) => other >= s && other < s + 3600);
      expect(within.length).toBeLessThanOrEqual(rungLimits[rung].perHour);
    }
  }
  const gaveUp = steps.filter(([name]) => name === 'none-left').length;
  expect(gaveUp).toBeLessThanOrEqual(24);
});

test('with nothing that it can do it says so once an hour', () => {
  const { steps } = run(7_300, 'page-silent', new Set());
  expect(steps).toEqual([
    ['none-left', 0],
    ['none-left', 3600],
    ['none-left', 7200],
  ]);
});

test('a screen that is well for a minute begins at the first rung again', () => {
  const first = run(15, 'playback-stalled');
  expect(first.steps.map(([rung]) => rung)).toEqual(['skip', 'reload']);
  const briefly = run(20, null, all, first);
  expect(run(30, 'playback-stalled', all, briefly).steps[0]?.[0]).toBe('restart-browser');
  const long = run(61, null, all, first);
  expect(run(1, 'playback-stalled', all, long).steps[0]?.[0]).toBe('skip');
});

test('tries of the last hour count over a restart', () => {
  const kept = JSON.parse(JSON.stringify(run(1800, 'page-silent').state)) as WatchState;
  const used = kept.steps.filter(({ rung }) => rung === 'restart-output').length;
  const after = run(1000, 'page-silent', all, { state: kept, atS: 1800 });
  const more = after.steps.filter(([rung]) => rung === 'restart-output').length;
  expect(used + more).toBeLessThanOrEqual(rungLimits['restart-output'].perHour);
});

test('a clock that was set back by years neither blocks the watchdog nor frees every rung', () => {
  const before = run(200, 'page-silent');
  const back = { state: before.state, atS: -100_000_000 };
  const { steps } = run(2000, 'page-silent', all, back);
  expect(steps.length).toBeGreaterThan(0);
  const outputs = steps.filter(([rung]) => rung === 'restart-output').length;
  expect(outputs).toBeLessThan(rungLimits['restart-output'].perHour + 1);
});
