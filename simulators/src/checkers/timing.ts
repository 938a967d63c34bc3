import type { Checker } from './evidence.ts';
import { scansOf } from './view.ts';
import { at, lasting, verdictWords } from './words.ts';

/** What a gate may answer instead of a verdict: it could not commit, and said so. */
const allowedFailures: ReadonlySet<string> = new Set(['disk-full']);

/**
 * G2. Every scan is answered within `limits.verdictMs` (150 ms in the design, and what the run
 * allows for local commits and a busy machine), whatever any network does. A scan fails only when
 * its gate's process ended meanwhile, or when its disk is full and the answer says so.
 */
export const checkG2: Checker = (evidence) => {
  const { verdictMs } = evidence.limits;
  const late = scansOf(evidence).flatMap(({ askedRunMs, runMs, gate, verdict }) => {
    if (runMs - askedRunMs <= verdictMs) return [];
    const detail =
      `${gate} took ${lasting(runMs - askedRunMs)} for scan ${verdict.scanId}, asked at ` +
      `${at(askedRunMs)} (${verdictWords(verdict)}); the limit is ${lasting(verdictMs)}`;
    return [{ law: 'G2', detail }];
  });
  const failed = evidence.failedScans.flatMap(({ askedRunMs, runMs, gate, scanId, ...scan }) => {
    if (scan.crashed || allowedFailures.has(scan.code)) return [];
    const detail =
      `${gate} answered scan ${scanId}, asked at ${at(askedRunMs)}, with ${scan.code} ` +
      `at ${at(runMs)}, and had not crashed`;
    return [{ law: 'G2', detail }];
  });
  return [...late, ...failed];
};
