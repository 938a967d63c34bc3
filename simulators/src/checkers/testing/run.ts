import { feedsOfRole, laneOfKind, laneSchema, rightKey } from '@foyer/contracts';
import type { AdmissionEvent, EventBody, Flag, Reason, Verdict } from '@foyer/contracts';
import { electorsOf } from '../electors.ts';
import type { CloudReport, RunEvidence, SeenEvent, SeenVerdict } from '../evidence.ts';

type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : T extends readonly (infer E)[]
      ? Mutable<E>[]
      : T extends object
        ? { -readonly [K in keyof T]: Mutable<T[K]> }
        : T;

/** Evidence that a test may spoil. */
export type Draft = Mutable<RunEvidence>;
export type DraftVerdict = Mutable<SeenVerdict>;

/** UTC milliseconds at the begin of a built run. */
const beganMs = 1_767_268_800_000;
const theatre = 'theatre';
const tookMs = 12;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const uuid = (space: number, serial: number): string =>
  `00000000-0000-4000-8${hex(space, 3)}-${hex(serial, 12)}`;

export interface ScanPlan {
  readonly gate: string;
  readonly ticketId: string;
  readonly n?: number;
  readonly flags?: readonly Flag[];
  readonly calm?: boolean;
  readonly group?: string | null;
}

interface Admission {
  readonly eventId: string;
  readonly body: AdmissionEvent;
}

interface Row {
  readonly seq: number;
  readonly status: string;
  readonly showNo: number;
}

/**
 * Builds the evidence of a sound run step by step: what gates are told to do is written down as a
 * sound theatre would leave it behind, on every disk and in the cloud.
 */
export class RunBuilder {
  readonly gates: readonly string[];
  readonly epoch = uuid(1, 1);
  readonly #verdicts: DraftVerdict[] = [];
  readonly #probes: DraftVerdict[] = [];
  readonly #events: SeenEvent[] = [];
  readonly #reversed = new Set<string>();
  readonly #changes: Draft['ticketChanges'] = [];
  readonly #tickets = new Map<string, Row>();
  readonly #samples: Draft['samples'] = [];
  readonly #seqs = new Map<string, number>();
  readonly #admissions = new Map<string, Admission[]>();
  readonly #losses: Draft['losses'] = [];
  #runMs = 0;
  #serial = 0;

  constructor(gates = 3) {
    this.gates = Array.from({ length: gates }, (_, index) => `gate-${index + 1}`);
  }

  get runMs(): number {
    return this.#runMs;
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#runMs += ms;
  }

  /** The electors of a right of the only config epoch. */
  electors(right: string): readonly string[] {
    return electorsOf(new Map([[1, this.gates]]), right, 1) ?? [];
  }

  /** Sells a ticket that admits one. */
  sell(showNo = 41): string {
    const ticketId = `0007${hex(this.#tickets.size + 1, 12)}`;
    this.change(ticketId, 'valid', showNo);
    return ticketId;
  }

  change(ticketId: string, status: string, showNo = 41): void {
    const seq = this.#changes.length + 1;
    const { epoch } = this;
    this.#tickets.set(ticketId, { seq, status, showNo });
    this.#changes.push({ runMs: this.#runMs, epoch, seq, ticketId, status, showNo });
    this.#sample();
  }

  admit(plan: ScanPlan): DraftVerdict {
    const { gate, ticketId, n = 0, flags = [] } = plan;
    const right = { ticketId, n };
    const seen = this.#answer(plan, {
      colour: 'green',
      reason: flags.includes('degraded') ? 'admitted-degraded' : 'admitted',
      right,
      flags: [...flags],
    });
    const voted = !flags.includes('degraded') && !flags.includes('override');
    const body = {
      kind: 'admission' as const,
      right,
      showNo: seen.verdict.showNo ?? 0,
      scanId: seen.verdict.scanId,
      gate,
      atMs: seen.verdict.atMs,
      flags: [...flags],
      votes: voted ? this.electors(rightKey(right)).slice(0, 2) : [],
      configEpoch: 1,
    };
    const eventId = this.#append(gate, body);
    const all = this.#admissions.get(rightKey(right)) ?? [];
    this.#admissions.set(rightKey(right), [...all, { eventId, body }]);
    this.#report(gate, rightKey(right));
    return seen;
  }

  refuse(plan: ScanPlan, reason: Reason, admission?: DraftVerdict): DraftVerdict {
    const named =
      admission === undefined
        ? {}
        : { admission: { gate: admission.gate, atMs: admission.verdict.atMs } };
    const colour = reason === 'claimed-elsewhere' ? 'amber' : 'red';
    const seen = this.#answer(plan, { colour, reason, flags: [...(plan.flags ?? [])], ...named });
    const { scanId, atMs } = seen.verdict;
    const { gate } = plan;
    this.#append(gate, { kind: 'denial', scanId, colour, reason, gate, atMs });
    return seen;
  }

  /** The scan's guest did not enter: the ticket's next right opens. */
  reverse({ gate, verdict }: DraftVerdict): void {
    const { right, scanId } = verdict;
    if (right === undefined) throw new Error('Only an admission is reversed.');
    this.pass(20);
    this.#reversed.add(`${rightKey(right)} ${scanId}`);
    const cause = 'did-not-turn';
    const atMs = beganMs + this.#runMs;
    this.#append(gate, { kind: 'reversal', right, cause, scanId, gate, atMs });
  }

  /** The scan is sent again, and answered as before. */
  repeat(seen: DraftVerdict): void {
    this.#runMs += 25;
    const { verdict } = structuredClone(seen);
    const times = { askedRunMs: this.#runMs - 1, runMs: this.#runMs };
    this.#verdicts.push({ ...seen, ...times, calm: false, group: null, verdict });
  }

  /** A gate loses its disk; everything on it is on others, too. */
  lose(node: string, kind: string): void {
    this.pass(20);
    this.#losses.push({ runMs: this.#runMs, node, kind, onlyThere: [] });
    for (const lane of laneSchema.options) this.#seqs.delete(`${node} ${lane}`);
  }

  /** A scan after all has converged, of a ticket that was admitted. */
  probe(gate: string, admission: DraftVerdict): DraftVerdict {
    const seen = this.refuse({ gate, ticketId: '' }, 'already-admitted', admission);
    this.#verdicts.pop();
    this.#probes.push(seen);
    return seen;
  }

  /** Everything has met and drained. */
  end(): Draft {
    const committed = this.#events.filter(({ lane }) => lane === 'ledger');
    const reports = this.#reports();
    return {
      verdicts: this.#verdicts,
      failedScans: [],
      committed: structuredClone(committed) as Draft['committed'],
      nodes: [theatre, ...this.gates].map((node) => this.#nodeEnd(node, reports)),
      cloud: this.#cloudEnd(reports),
      samples: this.#samples,
      ticketChanges: this.#changes,
      losses: this.#losses,
      reportTimings: reports.map(({ ticketId, n }) => ({
        right: `${ticketId}/${n}`,
        knowableRunMs: this.#runMs,
        reportedRunMs: this.#runMs + 10,
      })),
      converged: { withinMs: 700, left: [] },
      probes: this.#probes,
      limits: {
        staleAfterMs: 3_600_000,
        verdictMs: 150,
        reportMs: 5000,
        convergeMs: 60_000,
        queues: { relay: 100 },
      },
    };
  }

  #answer(
    plan: ScanPlan,
    parts: Pick<Verdict, 'colour' | 'reason' | 'flags'> & Partial<Verdict>,
  ): DraftVerdict {
    this.#runMs += 25;
    const askedRunMs = this.#runMs - tookMs;
    this.#serial += 1;
    const ticket = this.#tickets.get(plan.ticketId);
    const verdict: Verdict = {
      scanId: uuid(2, this.#serial),
      message: '',
      cursor: { seq: this.#changes.length, ageMs: 400 },
      atMs: beganMs + this.#runMs,
      ...(ticket === undefined ? {} : { showNo: ticket.showNo }),
      ...parts,
    };
    const { gate, calm = plan.flags === undefined, group = null } = plan;
    const seen = {
      askedRunMs,
      runMs: this.#runMs,
      gate,
      disk: this.#disk(gate),
      verdict,
      calm,
      group,
    };
    this.#verdicts.push(seen);
    this.#sample();
    return seen;
  }

  #append(node: string, body: EventBody): string {
    const lane = laneOfKind[body.kind];
    const seq = (this.#seqs.get(`${node} ${lane}`) ?? 0) + 1;
    this.#seqs.set(`${node} ${lane}`, seq);
    const eventId = uuid(3, this.#events.length + 1);
    const incarnation = `${this.#disk(node)}-1`;
    this.#events.push({ node, incarnation, lane, seq, eventId, body });
    return eventId;
  }

  /** The name of a node's disk: each loss brings another. */
  #disk(node: string): string {
    const lost = this.#losses.filter((loss) => loss.node === node).length;
    return `${node}-${lost}`;
  }

  #report(node: string, key: string): void {
    const all = this.#admissions.get(key) ?? [];
    const right = all[0]?.body.right;
    if (all.length < 2 || right === undefined) return;
    const admissions = all.map(({ eventId, body }) => {
      const { gate, atMs, flags } = body;
      return { eventId, gate, atMs, flags };
    });
    this.#append(node, { kind: 'double-report', right, admissions });
  }

  #reports(): CloudReport[] {
    const found = new Map<string, CloudReport>();
    for (const { body } of this.#events) {
      if (body.kind !== 'double-report') continue;
      const admissions = body.admissions.map(({ eventId, gate, atMs }) => ({
        eventId,
        gate,
        atMs,
      }));
      found.set(rightKey(body.right), { ...body.right, admissions });
    }
    return [...found.values()];
  }

  #sample(): void {
    const { epoch } = this;
    for (const node of this.gates.slice(0, 2)) {
      this.#samples.push({
        runMs: this.#runMs,
        node,
        disk: this.#disk(node),
        feeds: [{ feed: 'tickets', epoch, cursor: this.#changes.length }],
        queues: { relay: 3 },
      });
    }
  }

  #feed(feed: 'house' | 'tickets' | 'secrets'): Draft['cloud']['feeds'][number] {
    const { epoch } = this;
    if (feed === 'house') {
      const enc = JSON.stringify([1, this.gates]);
      return { feed, epoch, cursor: 1, rows: new Map([['config-epoch/1', enc]]) };
    }
    if (feed === 'secrets')
      return { feed, epoch, cursor: 1, rows: new Map([['show-key/41', '[]']]) };
    const rows = new Map(
      [...this.#tickets].map(([ticketId, { status, showNo }]) => [
        `ticket/${ticketId}`,
        JSON.stringify([ticketId, status, showNo]),
      ]),
    );
    return { feed, epoch, cursor: this.#changes.length, rows };
  }

  #nodeEnd(node: string, reports: readonly CloudReport[]): Draft['nodes'][number] {
    const role = node === theatre ? 'theatre' : 'gate';
    const lanes = (['ledger', 'telemetry'] as const).map((lane) => {
      const lastSeq = this.#seqs.get(`${node} ${lane}`) ?? 0;
      return { incarnation: `${this.#disk(node)}-1`, lane, lastSeq, durableSeq: lastSeq };
    });
    const kept = this.#events.filter((event) => event.lane === 'ledger' || event.node === node);
    return {
      node,
      role,
      events: structuredClone(kept) as Draft['committed'],
      lanes,
      feeds: feedsOfRole[role].map((feed) => this.#feed(feed)),
      doublesKnown: reports.reduce((sum, { admissions }) => sum + admissions.length - 1, 0),
      refused: {},
    };
  }

  #cloudEnd(reports: readonly CloudReport[]): Draft['cloud'] {
    return {
      events: this.#events.map(({ body, ...event }) => ({ ...event, kind: body.kind, effects: 1 })),
      admissions: this.#events.flatMap(({ eventId, body }) => {
        if (body.kind !== 'admission') return [];
        const { scanId, gate, right } = body;
        const reversed = this.#reversed.has(`${rightKey(right)} ${scanId}`);
        return [{ eventId, scanId, ...right, gate, reversed }];
      }),
      reports: structuredClone(reports) as Draft['cloud']['reports'],
      feeds: (['house', 'tickets', 'secrets'] as const).map((feed) => this.#feed(feed)),
      deadLetters: [],
    };
  }
}

/** A short sound run: plain greens, a refusal, a reversal, a partition's double, a refund. */
export function soundRun(): Draft {
  const run = new RunBuilder();
  const [plain = '', reversed = '', doubled = '', refunded = ''] = [1, 2, 3, 4].map(() =>
    run.sell(),
  );
  const first = run.admit({ gate: 'gate-1', ticketId: plain });
  run.refuse({ gate: 'gate-2', ticketId: plain }, 'already-admitted', first);
  run.reverse(run.admit({ gate: 'gate-2', ticketId: reversed }));
  run.admit({ gate: 'gate-3', ticketId: reversed, n: 1 });
  run.admit({ gate: 'gate-1', ticketId: doubled, flags: [], calm: false, group: '1/a' });
  run.admit({ gate: 'gate-3', ticketId: doubled, flags: ['degraded'], group: '1/b' });
  run.pass(10_000);
  run.change(refunded, 'refunded');
  run.refuse({ gate: 'gate-1', ticketId: refunded }, 'refunded');
  run.probe('gate-3', first);
  return run.end();
}
