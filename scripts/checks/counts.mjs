// How many tests passed, from vitest's JSON report.

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileReport
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number, testResults: FileReport[] }} Report
 */

// A file that could not be loaded has no tests of its own to fail; it counts as one failure.
/** @param {FileReport} file */
const couldNotLoad = (file) =>
  file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');

/**
 * Counts a run. A run without a report failed, as did one that ran nothing; so did one that vitest
 * calls failed for an error outside any test, such as a rejection that nobody awaited.
 * @param {Report | undefined} report what the JSON reporter wrote
 * @param {boolean} ok whether vitest ended with 0
 * @returns {Counts}
 */
export function countTests(report, ok) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + report.testResults.filter(couldNotLoad).length;
  const hidden = failed === 0 && (!ok || passed === 0) ? 1 : 0;
  return { passed, failed: failed + hidden, skipped: report.numPendingTests + report.numTodoTests };
}

/**
 * The last line of npm test.
 * @param {Counts} counts
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
