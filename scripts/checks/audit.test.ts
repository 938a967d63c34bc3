import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { rootDir } from '../bundles.mjs';
import { judgeAudit, staleAnswers } from './audit.mjs';

// The shape of npm's report, version 2.
const advisory = {
  source: 1_103_617,
  name: 'ws',
  dependency: 'ws',
  title: 'ws is affected by a denial of service',
  url: 'https://github.com/advisories/GHSA-3h5v-q93c-6h6q',
  severity: 'high',
  range: '>=8.0.0 <8.17.1',
};
const report = {
  auditReportVersion: 2,
  vulnerabilities: {
    ws: { name: 'ws', severity: 'high', via: [advisory], effects: ['mqtt'] },
    mqtt: { name: 'mqtt', severity: 'high', via: ['ws'], effects: [] },
  },
};
const answer = {
  id: 'GHSA-3h5v-q93c-6h6q',
  package: 'ws',
  why: 'Only peers with a certificate of the theatre reach it.',
  until: '2027-01-31',
};

test('a finding without an answer fails, once, with its address', () => {
  const { outcome, lines } = judgeAudit(report, [], '2026-12-01');
  expect(outcome).toBe('open');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(advisory.url);
});

test('an answer holds for its advisory, its package and until its day', () => {
  expect(judgeAudit(report, [answer], '2027-01-31').outcome).toBe('clean');
  expect(judgeAudit(report, [answer], '2027-02-01').outcome).toBe('open');
  expect(judgeAudit(report, [{ ...answer, package: 'mqtt' }], '2026-12-01').outcome).toBe('open');
  expect(judgeAudit(report, [{ ...answer, id: 'GHSA-0' }], '2026-12-01').outcome).toBe('open');
});

test('an answer without a sentence or a day fails, also where nothing is found', () => {
  const nothing = { auditReportVersion: 2, vulnerabilities: {} };
  expect(judgeAudit(nothing, [], '2026-12-01')).toEqual({ outcome: 'clean', lines: [] });
  for (const wrong of [{ why: 'no' }, { until: 'later' }, { id: 5 as unknown as string }]) {
    expect(judgeAudit(nothing, [{ ...answer, ...wrong }], '2026-12-01').outcome).toBe('open');
  }
  expect(staleAnswers(nothing, [answer])).toEqual([answer]);
  expect(staleAnswers(report, [answer])).toEqual([]);
});

test('a registry that does not answer audits is a skip that says so, never a pass', () => {
  const refused = { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } };
  const { outcome, lines } = judgeAudit(refused, [], '2026-12-01');
  expect(outcome).toBe('skipped');
  expect(lines[0]).toContain('405 Method Not Allowed');
  const offline = { error: { code: 'ENOAUDIT', summary: '', detail: '' } };
  expect(judgeAudit(offline, [], '2026-12-01').outcome).toBe('skipped');
});

test('the answers that are kept are whole', () => {
  const text = readFileSync(join(rootDir, 'scripts/checks/audit-answers.json'), 'utf8');
  const answers = JSON.parse(text) as (typeof answer)[];
  const nothing = { auditReportVersion: 2, vulnerabilities: {} };
  expect(judgeAudit(nothing, answers, '1970-01-01').lines).toEqual([]);
});
