import type { Violation } from '../checkers/evidence.ts';

/** What `foyer torture` was asked for. */
export interface TortureOptions {
  /** Time for faults, minutes; starting and converging come on top. */
  readonly minutes: number;
  readonly seed: number;
  readonly gates: number;
  /** Names of phases; all of them when empty. */
  readonly only: readonly string[];
  /** Where to keep databases and logs; by default a temporary directory that is removed. */
  readonly dir?: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** One phase as it went. */
export type PhaseResult = { readonly name: string } & Readonly<Record<string, number | string>>;

/** How a run ended; the names are the ones that scripts rely on. */
export interface TortureResult {
  readonly minutes: number;
  readonly seed: number;
  readonly scans: number;
  readonly greens: number;
  readonly reds: number;
  readonly ambers: number;
  /** Requests that got an error or nothing while something was broken; each was sent again. */
  readonly errors: number;
  /** Greens, shown or committed, that the cloud does not have. */
  readonly lost: number;
  readonly doubles: number;
  readonly doublesReported: number;
  readonly doublesUnreported: number;
  /** Queues and programs that did not come to rest in 60 s, and scans without an answer. */
  readonly stuck: number;
  readonly stuckAt: readonly string[];
  readonly kills: number;
  readonly phases: readonly PhaseResult[];
  /** Phases that could not be played here, and why. */
  readonly skipped: readonly string[];
  readonly violations: readonly Violation[];
}

/** Whether nothing was lost, nobody got in twice unnoticed, and nothing hangs. */
export const isSound = (result: TortureResult): boolean =>
  result.lost + result.doublesUnreported + result.stuck + result.violations.length === 0;
