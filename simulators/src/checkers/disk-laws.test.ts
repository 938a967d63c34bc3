import { expect, test } from 'vitest';

import { checkAlone, checkStrict } from './alone.ts';
import type { RunEvidence } from './evidence.ts';
import { checkEffects } from './outbox.ts';
import { checkG5 } from './records.ts';
import { checkRights } from './rights.ts';
import { soundRun, type Draft } from './testing/run.ts';
import { copy, gateEnd, otherId, plainGreen } from './testing/spoil.ts';
import { checkTogether } from './together.ts';

const admissionsOf = (run: Draft): { eventId: string; scanId: string }[] =>
  run.committed.flatMap(({ eventId, body }) =>
    body.kind === 'admission' ? [{ eventId, scanId: body.scanId }] : [],
  );

test('an event without its effect, and an effect without its event, are found on any disk', () => {
  const run = soundRun();
  for (const end of run.nodes) {
    end.admissions = end.events.flatMap(({ eventId, body }) =>
      body.kind === 'admission' ? [eventId] : [],
    );
  }
  expect(checkTogether(run)).toEqual([]);
  const gate = gateEnd(run);
  const [known = ''] = gate.admissions ?? [];
  gate.admissions = (gate.admissions ?? []).filter((id) => id !== known);
  gate.admissions.push(otherId(known));
  expect(checkTogether(run).map(({ law }) => law)).toEqual(['one-transaction', 'one-transaction']);
});

test('a scan that was answered with an error has admitted nobody', () => {
  const run = soundRun();
  const { askedRunMs, runMs, gate, verdict } = plainGreen(run);
  run.verdicts = run.verdicts.filter((seen) => seen.verdict.scanId !== verdict.scanId);
  const failed = { askedRunMs, runMs, gate, scanId: verdict.scanId, code: 'disk-full' };
  run.failedScans = [{ ...failed, crashed: true }];
  expect(checkG5(run)).toEqual([]);
  run.failedScans = [{ ...failed, crashed: false }];
  expect(checkG5(run)).toMatchObject([{ law: 'G5' }]);
});

test('an event that stands in the cloud under two ids had its effect twice', () => {
  const run = soundRun();
  const [first] = admissionsOf(run);
  const event = run.committed.find(({ eventId }) => eventId === first?.eventId);
  const there = run.cloud.admissions.find(({ eventId }) => eventId === first?.eventId);
  const taken = run.cloud.events.find(({ eventId }) => eventId === first?.eventId);
  if (event === undefined || there === undefined || taken === undefined) throw new Error('none');
  const eventId = otherId(event.eventId);
  run.committed.push({ ...copy(event), eventId });
  run.cloud.admissions.push({ ...there, eventId });
  run.cloud.events.push({ ...taken, eventId, seq: taken.seq + 1000 });
  expect(checkEffects(run).map(({ detail }) => detail)).toEqual([
    expect.stringContaining('stands in the cloud as the events'),
  ]);
});

test('a gate reverses an admission once', () => {
  const run = soundRun();
  const reversal = run.committed.find(({ body }) => body.kind === 'reversal');
  if (reversal === undefined) throw new Error('The sound run has no reversal.');
  run.committed.push({ ...copy(reversal), eventId: otherId(reversal.eventId) });
  expect(checkRights(run)).toMatchObject([{ law: 'rights' }]);
});

test('a gate that is alone flags its greens, and its time does not go back', () => {
  const run = soundRun();
  const seen = plainGreen(run);
  seen.alone = { notBeforeMs: seen.verdict.atMs };
  seen.verdict.flags = ['clock-unagreed'];
  expect(checkAlone(run)).toEqual([]);
  seen.verdict.flags = [];
  expect(checkAlone(run)).toMatchObject([{ law: 'true-clock' }]);
  seen.alone = { notBeforeMs: seen.verdict.atMs + 1 };
  expect(checkAlone(run)).toHaveLength(2);
});

test('a ticket of a strict class is not admitted alone, unless a steward does it', () => {
  const run = soundRun();
  const { verdict } = plainGreen(run);
  verdict.ticketClass = 'premium';
  verdict.flags = ['degraded', 'override'];
  const limits = { ...run.limits, strictClasses: ['premium'] };
  const strict = (): RunEvidence => ({ ...run, limits });
  expect(checkStrict(strict())).toEqual([]);
  verdict.flags = ['degraded'];
  expect(checkStrict(strict())).toMatchObject([{ law: 'strict-class' }]);
});
