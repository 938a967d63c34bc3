import type { ScreenState, Status } from '@foyer/contracts';

import { countDoubles, percentile } from '../checkers/index.ts';
import type { VerdictReport } from '../guests/report.ts';
import type { CloudSummary } from '../up/observer.ts';
import type { Tally } from '../up/tally.ts';
import { playerOf } from '../world/index.ts';

/** What the console shows of one verdict: nothing that a ticket could be made of. */
export type ShownLine = ReturnType<typeof lineOf>;

/** A verdict as the page is told of it. */
export function lineOf(report: VerdictReport) {
  const { verdict, gate, intent, condition, frames, decodeMs, scanMs, frameToVerdictMs } = report;
  const { colour, reason, message, seat, ticketClass, showNo, flags, atMs } = verdict;
  const what = { colour, reason, message, seat, ticketClass, showNo, flags, atMs };
  return { gate, intent, condition, frames, decodeMs, scanMs, frameToVerdictMs, ...what };
}

/** One node as the page shows it. */
export type NodeView = ReturnType<typeof nodeView>;

/** A node's state, with how far it lags and what waits. */
export function nodeView(node: string, state: Status | undefined, tally: Tally) {
  const shown = tally.gates.get(node);
  const base = { node, tally: shown ?? null, answers: state !== undefined };
  if (state === undefined) return { ...base, state: null };
  return {
    ...base,
    state: {
      boot: state.boot,
      upstream: state.upstream,
      recovering: state.recovering,
      clockAgreed: state.clockAgreed,
      relayQueue: state.relayQueue,
      deadLetters: state.deadLetters,
      feeds: state.feeds.map(({ feed, cursor, head, ageMs, rows }) => ({
        feed,
        cursor,
        head,
        ageMs,
        rows,
      })),
      lanes: state.lanes,
      peers: state.peers,
    },
  };
}

/** A screen as the page shows it: what plays by its name, and a link to it. */
export function screenView(screen: ScreenState, urlOf: (program: string) => string) {
  const { screenId, name, nodeId, widthPx, heightPx, report, reportAgeMs, picture } = screen;
  const playing = report?.playing ?? null;
  return {
    ...{ screenId, name, widthPx, heightPx, reportAgeMs },
    box: nodeId,
    player: playerOf(nodeId),
    url: `${urlOf(playerOf(nodeId))}/screens/${screenId}`,
    report:
      report === null
        ? null
        : {
            mode: report.mode,
            pageAgeMs: report.pageAgeMs,
            playing: playing === null ? null : { name: playing.itemId.replaceAll('-', ' ') },
          },
    picture: picture?.picture ?? null,
  };
}

/** Scans in each of the last seconds, oldest first. */
export class Throughput {
  readonly #seconds: number;
  readonly #counts = new Map<number, { greens: number; others: number }>();

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  add(report: VerdictReport, atMs: number): void {
    const { colour } = report.verdict;
    if (colour === 'ignored') return;
    const second = Math.floor(atMs / 1000);
    const count = this.#counts.get(second) ?? { greens: 0, others: 0 };
    if (colour === 'green') count.greens += 1;
    else count.others += 1;
    this.#counts.set(second, count);
    for (const old of this.#counts.keys()) {
      if (old <= second - this.#seconds) this.#counts.delete(old);
    }
  }

  /** The seconds that ended before `nowMs`. */
  series(nowMs: number): { greens: number; others: number }[] {
    const last = Math.floor(nowMs / 1000) - 1;
    return Array.from(
      { length: this.#seconds },
      (_, index) => this.#counts.get(last - this.#seconds + 1 + index) ?? { greens: 0, others: 0 },
    );
  }
}

const latencySample = 500;

/** Totals over all gates. */
export function totalsOf(tally: Tally, cloud: CloudSummary | undefined) {
  const gates = [...tally.gates.values()];
  const sum = (of: (gate: (typeof gates)[number]) => number): number =>
    gates.reduce((total, gate) => total + of(gate), 0);
  const times = tally.shown
    .slice(-latencySample)
    .flatMap(({ verdictMs }) => (verdictMs === undefined ? [] : [verdictMs]));
  return {
    greens: tally.greens,
    ambers: sum((gate) => gate.ambers),
    reds: sum((gate) => gate.reds),
    ignored: sum((gate) => gate.ignored),
    degraded: sum((gate) => gate.degraded),
    doubles: countDoubles(tally.shown),
    reportedDoubles: cloud?.reportedDoubles ?? null,
    cloudAdmissions: cloud?.admissions ?? null,
    ...tally.counts,
    verdictP50Ms: percentile(times, 0.5),
    verdictP99Ms: percentile(times, 0.99),
  };
}
