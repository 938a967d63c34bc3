import type { ShownVerdict } from '../checkers/index.ts';
import { guestReportSchema } from '../guests/report.ts';
import type { GuestReport, VerdictReport } from '../guests/report.ts';
import { parseJson } from './program.ts';

/** What one gate showed so far. */
export interface GateTally {
  greens: number;
  ambers: number;
  reds: number;
  ignored: number;
  degraded: number;
  waiting: number;
  gaveUp: number;
}

const emptyGate = (): GateTally => ({
  greens: 0,
  ambers: 0,
  reds: 0,
  ignored: 0,
  degraded: 0,
  waiting: 0,
  gaveUp: 0,
});

const counters = { green: 'greens', amber: 'ambers', red: 'reds', ignored: 'ignored' } as const;

// A run without an end keeps its latest scans: about half a day of a busy house.
const mostShown = 200_000;

/** Collects what guests saw at the gates. It knows nothing of what agents and cloud say. */
export class Tally {
  readonly shown: ShownVerdict[] = [];
  readonly gates = new Map<string, GateTally>();
  readonly counts = { bought: 0, notSold: 0, left: 0, gaveUp: 0, unreadable: 0 };
  /** Why the booking API did not sell, by code. */
  readonly refusals = new Map<string, number>();
  finished = false;
  /** Distinct green scans so far. */
  readonly #greenScans = new Set<string>();
  readonly #queueListeners = new Set<(gate: string, waiting: number) => void>();
  readonly #listeners = new Set<(report: VerdictReport) => void>();

  /** Calls back when the number of people who wait at a gate changed. */
  onQueue(listener: (gate: string, waiting: number) => void): void {
    this.#queueListeners.add(listener);
  }

  /** Calls back for each verdict. */
  onVerdict(listener: (report: VerdictReport) => void): void {
    this.#listeners.add(listener);
  }

  get greens(): number {
    return this.#greenScans.size;
  }

  gate(name: string): GateTally {
    const known = this.gates.get(name) ?? emptyGate();
    this.gates.set(name, known);
    return known;
  }

  /** Takes one line of the guests' standard output. */
  takeLine(line: string): void {
    const report = guestReportSchema.safeParse(parseJson(line));
    if (report.success) this.take(report.data);
    else this.counts.unreadable += 1;
  }

  take(report: GuestReport): void {
    if (report.kind === 'verdict') this.#takeVerdict(report);
    else if (report.kind === 'gave-up') {
      this.counts.gaveUp += 1;
      this.gate(report.gate).gaveUp += 1;
    } else if (report.kind === 'queue') this.#takeQueue(report.gate, report.waiting);
    else if (report.kind === 'bought') this.counts.bought += report.seats;
    else if (report.kind === 'left') this.counts.left += 1;
    else if (report.kind === 'not-sold') {
      this.counts.notSold += 1;
      this.refusals.set(report.code, (this.refusals.get(report.code) ?? 0) + 1);
    } else this.finished = true;
  }

  #takeQueue(gate: string, waiting: number): void {
    this.gate(gate).waiting = waiting;
    for (const listener of this.#queueListeners) listener(gate, waiting);
  }

  #takeVerdict(report: VerdictReport): void {
    const { gate, verdict, scanMs } = report;
    const { scanId, colour, reason, right, flags } = verdict;
    if (this.shown.length >= mostShown) this.shown.shift();
    this.shown.push({
      gate,
      verdict: { scanId, colour, reason, right, flags },
      verdictMs: scanMs ?? undefined,
    });
    const tally = this.gate(gate);
    tally[counters[colour]] += 1;
    if (colour === 'green') {
      this.#greenScans.add(scanId);
      if (flags.includes('degraded')) tally.degraded += 1;
    }
    for (const listener of this.#listeners) listener(report);
  }
}
