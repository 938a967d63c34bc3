import type { Verdict } from '@foyer/contracts';

/** A moment of a run, as the trace writes it. */
export const at = (runMs: number): string => `${(runMs / 1000).toFixed(3)} s`;

/** A duration, milliseconds. */
export const lasting = (ms: number): string => `${Math.round(ms * 10) / 10} ms`;

/** A few names in full, the rest as a number. */
export function some(names: Iterable<string>, most = 4): string {
  const all = [...names];
  const more = all.length > most ? ` and ${all.length - most} more` : '';
  return all.slice(0, most).join(', ') + more;
}

/** Colour, reason and flags of a verdict. */
export function verdictWords(verdict: Pick<Verdict, 'colour' | 'reason' | 'flags'>): string {
  const flags = verdict.flags.length === 0 ? '' : ` [${verdict.flags.join(' ')}]`;
  return `${verdict.colour} ${verdict.reason}${flags}`;
}
