import type { Checker } from './evidence.ts';
import { scansOf } from './view.ts';
import { at, verdictWords } from './words.ts';

/**
 * A gate whose clock nobody confirms says so with each green, and its time never goes back behind
 * what it had agreed on before: a clock that was set back decides nothing. A scan that is sent
 * again gets its first answer, whatever the clock is by then.
 */
export const checkAlone: Checker = (evidence) => {
  const answered = new Set<string>();
  return scansOf(evidence).flatMap(({ alone, gate, runMs, verdict }) => {
    const again = answered.has(verdict.scanId);
    answered.add(verdict.scanId);
    if (alone === undefined || again) return [];
    const shown = verdictWords(verdict);
    const what = `${gate} answered scan ${verdict.scanId} at ${at(runMs)} (${shown})`;
    const { notBeforeMs } = alone;
    const early = notBeforeMs !== null && verdict.atMs < notBeforeMs;
    const unflagged = verdict.colour === 'green' && !verdict.flags.includes('clock-unagreed');
    return [
      ...(early ? [`${what} as of ${verdict.atMs}, which is before ${notBeforeMs}`] : []),
      ...(unflagged ? [`${what} without a flag, though nobody confirms its clock`] : []),
    ].map((detail) => ({ law: 'true-clock', detail }));
  });
};

/** A ticket of a strict class is green with the votes of its electors, or by a steward's hand. */
export const checkStrict: Checker = (evidence) => {
  const strict = new Set(evidence.limits.strictClasses);
  return scansOf(evidence).flatMap(({ gate, runMs, verdict }) => {
    const { colour, flags, ticketClass = '', scanId } = verdict;
    if (colour !== 'green' || !strict.has(ticketClass)) return [];
    if (!flags.includes('degraded') || flags.includes('override')) return [];
    const detail =
      `${gate} admitted a ${ticketClass} ticket alone at ${at(runMs)} by scan ${scanId}; ` +
      'that class waits for votes or a steward';
    return [{ law: 'strict-class', detail }];
  });
};
