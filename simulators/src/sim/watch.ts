import { rightKey, type Verdict } from '@foyer/contracts';

import type {
  DiskLoss,
  FailedScan,
  ReportTiming,
  Sample,
  SeenEvent,
  SeenVerdict,
  TicketChange,
} from '../checkers/evidence.ts';
import { cloudLanes } from './read.ts';
import type { SimNode } from './node.ts';
import type { SimWorld } from './world.ts';

/** How often the nodes are looked at, virtual ms. */
const sampleEveryMs = 1000;
/** While no guest comes and nothing broke lately, every so many times. */
const quietSamples = 120;
/** A report that did not come in so long is not looked for each second any more, ms. */
const awaitedMs = 60_000;
/** What guests and faults began is over so long after them, ms. */
const quietAfterMs = 15_000;

/** Sees what guests and operators can see, and what is on the disks; touches nothing. */
export class Watch {
  readonly verdicts: SeenVerdict[] = [];
  readonly failedScans: FailedScan[] = [];
  readonly probes: SeenVerdict[] = [];
  readonly samples: Sample[] = [];
  readonly losses: DiskLoss[] = [];
  readonly ticketChanges: TicketChange[] = [];
  readonly committed = new Map<string, SeenEvent>();
  readonly #world: SimWorld;
  readonly #greens = new Map<string, Set<string>>();
  readonly #cloudSeqs = new Map<string, number>();
  readonly #timings = new Map<string, ReportTiming>();
  readonly #isBroken: () => boolean;
  #seen = 0;
  #busyMs = 0;
  #turn = 0;

  /** @param isBroken whether a fault began lately and goes on. */
  constructor(world: SimWorld, isBroken: () => boolean = () => false) {
    this.#world = world;
    this.#isBroken = isBroken;
  }

  begin(): void {
    this.#world.clock.setTimer('watch', sampleEveryMs, () => {
      this.begin();
      this.#turn += 1;
      if (this.#isBusy() || this.#turn % quietSamples === 0) this.#sample();
    });
  }

  /** Whether a guest came or anything was broken lately, or a report is waited for. */
  #isBusy(): boolean {
    const { runMs } = this.#world;
    const seen = this.verdicts.length + this.failedScans.length + this.probes.length;
    if (seen !== this.#seen || this.#isBroken() || this.#isAwaiting()) this.#busyMs = runMs;
    this.#seen = seen;
    return runMs - this.#busyMs <= quietAfterMs;
  }

  #isAwaiting(): boolean {
    const sinceMs = this.#world.runMs - awaitedMs;
    for (const { reportedRunMs, knowableRunMs } of this.#timings.values()) {
      if (reportedRunMs === null && knowableRunMs > sinceMs) return true;
    }
    return false;
  }

  get reportTimings(): ReportTiming[] {
    return [...this.#timings.values()];
  }

  /** A green was shown: its right may have several now. */
  shown(seen: SeenVerdict, into: SeenVerdict[] = this.verdicts): void {
    into.push(seen);
    const { right, colour, scanId } = seen.verdict;
    if (colour !== 'green' || right === undefined) return;
    const key = rightKey(right);
    this.#greens.set(key, (this.#greens.get(key) ?? new Set()).add(scanId));
  }

  /** Keeps what a disk held of the ledger. */
  keep(events: readonly SeenEvent[]): void {
    for (const event of events) {
      const { kind } = event.body;
      if (kind !== 'admission' && kind !== 'reversal') continue;
      this.committed.set(`${event.eventId} ${event.incarnation} ${event.seq}`, event);
    }
  }

  #sample(): void {
    const { runMs } = this.#world;
    this.lookAtCloud();
    for (const node of this.#world.nodes.values()) this.look(node);
    this.#timeReports(runMs);
  }

  /** Tickets of a right that a gate found claimed elsewhere, or that was taken back. */
  contested(): Set<string> {
    const ambers = this.verdicts.flatMap(({ verdict }) =>
      verdict.reason === 'claimed-elsewhere' ? (verdict.right?.ticketId ?? []) : [],
    );
    const reversed = [...this.#world.nodes.values()].flatMap(({ disk }) =>
      disk.read<{ id: string }>('SELECT ticket_id AS id FROM ledger_reversal').map(({ id }) => id),
    );
    return new Set([...ambers, ...reversed]);
  }

  /** A look at a node, now. */
  look(node: SimNode): void {
    const status = node.api?.status();
    if (status === undefined) return;
    this.samples.push({
      runMs: this.#world.runMs,
      node: node.id,
      disk: node.diskName,
      feeds: status.feeds.map(({ feed, epoch, cursor }) => ({ feed, epoch, cursor })),
      lanes: status.lanes.map(({ lane, durable }) => ({
        durableSeq: durable,
        cloudSeq: this.#cloudSeqs.get(`${node.id}/${status.incarnation}/${lane}`) ?? 0,
        lane,
      })),
      queues: {
        relay: status.relayQueue,
        deadLetters: status.deadLetters,
      },
    });
  }

  /** How far the cloud ever was with each lane: what it forgot since was durable once. */
  lookAtCloud(): void {
    for (const { name, lastSeq } of cloudLanes(this.#world.cloud.disk)) {
      this.#cloudSeqs.set(name, Math.max(lastSeq, this.#cloudSeqs.get(name) ?? 0));
    }
  }

  #timeReports(runMs: number): void {
    for (const [right, scans] of this.#greens) {
      if (scans.size < 2) continue;
      const known = this.#timings.get(right);
      if (known !== undefined && known.reportedRunMs !== null) continue;
      const nodes = [...this.#world.nodes.values()].filter((node) => node.up);
      const knowable = known !== undefined || nodes.some((node) => knowsBoth(node, right));
      if (!knowable) continue;
      const reported = nodes.some((node) => hasReport(node, right));
      const knowableRunMs = known?.knowableRunMs ?? runMs;
      this.#timings.set(right, {
        right,
        knowableRunMs,
        reportedRunMs: reported ? runMs : null,
      });
    }
  }
}

function split(right: string): { ticketId: string; n: number } {
  const [ticketId = '', n = '0'] = right.split('/');
  return { ticketId, n: Number(n) };
}

function count(node: SimNode, sql: string, ...values: (string | number)[]): number {
  const row = node.disk
    .open()
    .prepare<{ n: number }>(sql)
    .get(...values);
  return row?.n ?? 0;
}

function knowsBoth(node: SimNode, right: string): boolean {
  const { ticketId, n } = split(right);
  const sql = 'SELECT count(*) AS n FROM ledger_admission WHERE ticket_id = ? AND n = ?';
  return count(node, sql, ticketId, n) > 1;
}

function hasReport(node: SimNode, right: string): boolean {
  const { ticketId, n } = split(right);
  const sql = `SELECT count(*) AS n FROM outbox_event WHERE body LIKE ? AND body LIKE ?`;
  return count(node, sql, '%"double-report"%', `%"ticketId":"${ticketId}","n":${n}}%`) > 0;
}

/** Whether the gate's database holds the admission that a green tells of. */
export function isRecorded(node: SimNode, verdict: Verdict): boolean {
  return (
    count(node, 'SELECT count(*) AS n FROM ledger_admission WHERE scan_id = ?', verdict.scanId) > 0
  );
}
