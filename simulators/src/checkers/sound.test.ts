import fc from 'fast-check';
import { expect, test } from 'vitest';

import { checkAll } from './laws.ts';
import { RunBuilder, type Draft, type DraftVerdict } from './testing/run.ts';

interface Step {
  readonly kind: (typeof kinds)[number];
  readonly gate: number;
  readonly ticket: number;
  readonly flag: 'degraded' | 'override';
}

const kinds = ['sell', 'scan', 'cut-off', 'again', 'reverse', 'refund', 'move', 'lose'] as const;

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds, 'scan', 'scan', 'cut-off'),
    gate: fc.nat(5),
    ticket: fc.nat(7),
    flag: fc.constantFrom('degraded' as const, 'override' as const),
  }),
  { maxLength: 80 },
);

interface Ticket {
  readonly ticketId: string;
  valid: boolean;
  /** The right that is open, or taken by `admissions`. */
  n: number;
  admissions: DraftVerdict[];
}

/** A theatre as simple as can be: one list of tickets, which all who are not cut off see. */
class Reference {
  readonly run: RunBuilder;
  readonly #tickets: Ticket[] = [];
  readonly #seen: { seen: DraftVerdict; disk: number }[] = [];
  readonly #disks = new Map<string, number>();

  constructor(gates: number) {
    this.run = new RunBuilder(gates);
  }

  do({ kind, gate: at, ticket: which, flag }: Step): void {
    const { run } = this;
    const gate = run.gates[at % run.gates.length] ?? '';
    const ticket = this.#tickets[which % Math.max(1, this.#tickets.length)];
    if (kind === 'sell' || ticket === undefined) {
      this.#tickets.push({ ticketId: run.sell(), valid: true, n: 0, admissions: [] });
    } else if (kind === 'scan') this.#scan(gate, ticket);
    else if (kind === 'cut-off') this.#cutOff(gate, ticket, flag);
    else if (kind === 'again') this.#again(which);
    else if (kind === 'reverse') this.#reverse(ticket);
    else if (kind === 'lose') this.#lose(gate, flag === 'override' ? 'restored' : 'replaced');
    else {
      ticket.valid = kind === 'move';
      run.change(ticket.ticketId, ticket.valid ? 'valid' : 'refunded', ticket.valid ? 42 : 41);
    }
  }

  #keep(seen: DraftVerdict): DraftVerdict {
    this.#seen.push({ seen, disk: this.#disks.get(seen.gate) ?? 0 });
    return seen;
  }

  #scan(gate: string, ticket: Ticket): void {
    const { ticketId, n, valid, admissions } = ticket;
    const [first] = admissions;
    if (!valid) this.#keep(this.run.refuse({ gate, ticketId }, 'refunded'));
    else if (first === undefined) {
      admissions.push(this.#keep(this.run.admit({ gate, ticketId, n })));
    } else this.#keep(this.run.refuse({ gate, ticketId }, 'already-admitted', first));
  }

  /** A gate that hears nobody admits what it has not admitted itself, and says so. */
  #cutOff(gate: string, ticket: Ticket, flag: Step['flag']): void {
    const { ticketId, n, valid, admissions } = ticket;
    if (!valid || admissions.some((seen) => seen.gate === gate)) return;
    admissions.push(this.#keep(this.run.admit({ gate, ticketId, n, flags: [flag] })));
  }

  #again(which: number): void {
    const one = this.#seen[which % Math.max(1, this.#seen.length)];
    if (one === undefined || one.disk !== (this.#disks.get(one.seen.gate) ?? 0)) return;
    this.run.repeat(one.seen);
  }

  #reverse(ticket: Ticket): void {
    const last = ticket.admissions.at(-1);
    if (last === undefined) return;
    this.run.reverse(last);
    ticket.n += 1;
    ticket.admissions = [];
  }

  #lose(gate: string, kind: string): void {
    this.run.lose(gate, kind);
    this.#disks.set(gate, (this.#disks.get(gate) ?? 0) + 1);
  }
}

function play(gates: number, told: readonly Step[]): Draft {
  const reference = new Reference(gates);
  for (const step of told) reference.do(step);
  return reference.run.end();
}

test('no sound run of a reference theatre breaks a law', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), steps, (gates, told) => {
      expect(checkAll(play(gates, told))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a green that is not flagged is found in any run that already has one of its right', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (told, which) => {
      const run = play(
        3,
        told.filter(({ kind }) => kind !== 'lose'),
      );
      const voted = run.verdicts.filter(
        ({ verdict }) => verdict.colour === 'green' && verdict.flags.length === 0,
      );
      const one = voted[which % Math.max(1, voted.length)];
      fc.pre(one !== undefined);
      if (one === undefined) return;
      const scanId = '00000000-0000-4000-8fff-000000000001';
      const gate = one.gate === 'gate-1' ? 'gate-2' : 'gate-1';
      run.verdicts.push({ ...one, gate, verdict: { ...one.verdict, scanId } });
      const laws = checkAll(run).map(({ law }) => law);
      expect(laws).toContain('G1');
      expect(laws).toContain('G5');
    }),
    { numRuns: 100 },
  );
});

test('work grows with the size of a run, and not with its square', { timeout: 60_000 }, () => {
  const theatre = new Reference(4);
  const sell = { kind: 'sell', gate: 0, ticket: 0, flag: 'degraded' } as const;
  for (let n = 0; n < 3000; n += 1) theatre.do(sell);
  for (let n = 0; n < 10_000; n += 1) {
    const kind = n % 50 === 49 ? 'cut-off' : 'scan';
    theatre.do({ ...sell, kind, gate: n % 4, ticket: n % 3000 });
  }
  const run = theatre.run.end();
  const sinceMs = performance.now();
  expect(checkAll(run)).toEqual([]);
  // A third of a second on an idle machine; quadratic work would take minutes.
  expect(performance.now() - sinceMs).toBeLessThan(15_000);
});
