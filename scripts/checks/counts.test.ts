import { expect, test } from 'vitest';

import { countTests, summaryLine } from './counts.mjs';

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
};

test('a clean run counts its tests', () => {
  expect(summaryLine(countTests(report, true))).toBe('5 passed, 0 failed');
});

test('skipped tests are told', () => {
  const line = summaryLine(countTests({ ...report, numPendingTests: 2, numTodoTests: 1 }, true));
  expect(line).toBe('5 passed, 0 failed, 3 skipped');
});

test('a file that could not be loaded is a failure, beside the failed tests of other files', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ];
  expect(countTests({ ...report, numFailedTests: 1, testResults }, false).failed).toBe(2);
});

test('an error outside any test, no tests at all, or no report: each is a failure', () => {
  expect(countTests(report, false).failed).toBe(1);
  expect(countTests({ ...report, numPassedTests: 0 }, true).failed).toBe(1);
  expect(countTests(undefined, true).failed).toBe(1);
});
