import type { Verdict } from '@foyer/contracts';

import type { FailedScan, Sample, SeenVerdict } from '../checkers/evidence.ts';
import { percentile } from '../checkers/index.ts';
import type { FaultLog } from './fault-log.ts';

/** A question to a gate, when it was asked. */
export interface Asked {
  readonly gate: string;
  readonly askedRunMs: number;
}

/** Figures of the scans since some moment. */
export interface ScanFigures {
  readonly scans: number;
  readonly greens: number;
  readonly degraded: number;
  readonly errors: number;
  readonly verdictP50Ms: number;
  readonly verdictP99Ms: number;
  readonly verdictMaxMs: number;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Everything that a watcher outside the theatre sees while it runs. */
export class Watch {
  readonly verdicts: SeenVerdict[] = [];
  readonly probes: SeenVerdict[] = [];
  readonly failedScans: FailedScan[] = [];
  readonly samples: Sample[] = [];
  /** Scans that a gate did not answer in time although its process ran throughout. */
  readonly unanswered: string[] = [];
  /** Requests that got an error or nothing, by code; each was sent again. */
  readonly errors = new Map<string, number>();
  readonly log: FaultLog;

  constructor(log: FaultLog) {
    this.log = log;
  }

  /** Takes an answer. @param probe a scan of the sound theatre at the end. */
  sawVerdict(asked: Asked, verdict: Verdict, probe: boolean): void {
    const { gate, askedRunMs } = asked;
    const seen: SeenVerdict = {
      askedRunMs,
      runMs: this.log.runMs(),
      gate,
      disk: gate,
      verdict,
      // Of a machine that runs other programs too nobody knows that it was calm: an elector may
      // have waited for the processor, and a green is then degraded without any fault of ours.
      calm: false,
      group: null,
    };
    (probe ? this.probes : this.verdicts).push(seen);
  }

  sawError(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  get errorCount(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Call it later for the figures of the scans between. */
  mark(): () => ScanFigures {
    const from = this.verdicts.length;
    const errorsBefore = this.errorCount;
    return () => {
      const seen = this.verdicts.slice(from);
      const timesMs = seen.map(({ askedRunMs, runMs }) => runMs - askedRunMs);
      const greens = seen.filter(({ verdict }) => verdict.colour === 'green');
      return {
        scans: seen.length,
        greens: greens.length,
        degraded: greens.filter(({ verdict }) => verdict.flags.includes('degraded')).length,
        errors: this.errorCount - errorsBefore,
        verdictP50Ms: tenth(percentile(timesMs, 0.5)),
        verdictP99Ms: tenth(percentile(timesMs, 0.99)),
        verdictMaxMs: tenth(timesMs.reduce((most, ms) => Math.max(most, ms), 0)),
      };
    };
  }
}
