import { expect, test } from 'vitest';

import type { Draft } from './testing/run.ts';
import { broken, plainGreen } from './testing/spoil.ts';

/** No gate heard of a change that was made two minutes before a green. */
function miss(run: Draft, ageMs: number): void {
  const seen = plainGreen(run);
  const last = run.ticketChanges.at(-1)!;
  run.ticketChanges.push({ ...last, seq: last.seq + 1, runMs: seen.askedRunMs - 120_000 });
  for (const { verdict } of run.verdicts) verdict.cursor.ageMs = ageMs;
}

test('finds data that is older than its gate tells', () => {
  expect(broken((run) => miss(run, 400))).toEqual(['true-ages']);
  expect(broken((run) => miss(run, 121_000))).toEqual([]);
});

test('a cloud that was set back has forgotten what it changed before', () => {
  const spoil = (run: Draft): void => {
    miss(run, 400);
    const { askedRunMs } = plainGreen(run);
    run.losses.push({ runMs: askedRunMs - 1, node: 'cloud', kind: 'restored', onlyThere: [] });
  };
  expect(broken(spoil)).toEqual([]);
});
