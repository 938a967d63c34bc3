import { SimRandom } from '@foyer/platform/sim';

import { drawFaults } from './faults/draw.ts';
import type { Fault } from './faults/fault.ts';
import type { Afterwards } from './passages.ts';

/** One code held up at one gate. */
export interface PlannedScan {
  readonly atMs: number;
  /** From 0. */
  readonly gate: number;
  /** Which ticket of the house, from 0; those sold during the run come last. */
  readonly ticket: number;
  readonly text: 'code' | 'forged' | 'foreign';
  /** A steward only looks at the ticket. */
  readonly peek: boolean;
  readonly scanId: string;
  readonly override: boolean;
  /** The scanner asks again with the same scanId so long after; null: it does not. */
  readonly againAfterMs: number | null;
  readonly afterwards: Afterwards;
}

/** What the box office does meanwhile. */
export interface PlannedSale {
  readonly atMs: number;
  readonly kind: 'sell' | 'refund' | 'cancel' | 'delay' | 'move' | 'spare-screen';
  /** The ticket that is taken back, or the row and seat that is sold: a number to choose by. */
  readonly which: number;
}

/** Everything that happens in one run. Made from a seed; pure data. */
export interface Scenario {
  readonly seed: number;
  readonly gates: number;
  /** Between theatre and cloud: AWS IoT Core, or a broker of one's own. */
  readonly broker: 'iot-core' | 'mosquitto';
  /** The largest payload between theatre and cloud, bytes. */
  readonly maxPayloadBytes: number;
  /** The largest payload between nodes of the theatre, bytes. */
  readonly lanPayloadBytes: number;
  /** Nodes that begin with an empty disk, from 0; the theatre agent is -1. */
  readonly blank: readonly number[];
  /** Guests and faults come within this time. */
  readonly loadMs: number;
  readonly scans: readonly PlannedScan[];
  readonly sales: readonly PlannedSale[];
  /** In the order of their numbers, which stay the same when others are left out. */
  readonly faults: readonly Fault[];
}

/** IoT Core, what nucleus lite lets through from the cloud, and less: many pages, many chunks. */
const payloadLimits = [131_072, 131_072, 5000, 2000] as const;
const lanPayloadLimits = [1_048_576, 1_048_576, 2000] as const;

/** Tickets in the house when the doors open. */
const ticketsSold = 64;
const soldLater = 24;
/** Several guests buy in the same instant. */
const bursts = 5;
const leastScans = 120;

/** How the guests of one ticket behave; see `visit`. */
const manners = [
  ['plain', 5],
  ['race', 3],
  ['every-gate', 2],
  ['comes-back', 2],
  ['impatient', 1],
  ['turned-back', 2],
] as const;

type Manner = (typeof manners)[number][0];

function pickManner(random: SimRandom): Manner {
  let at = random.int(manners.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [manner, weight] of manners) {
    at -= weight;
    if (at < 0) return manner;
  }
  return 'plain';
}

function afterwards(random: SimRandom): Afterwards {
  if (random.chance(0.8)) return random.chance(0.5) ? 'turned' : 'nothing';
  return random.pick(['did-not-turn', 'exit', 'undo'] as const);
}

interface Guests {
  random: SimRandom;
  gates: number;
  loadMs: number;
}

/** The scans of one guest, or of several with the same code. */
function visit({ random, gates, loadMs }: Guests, ticket: number): PlannedScan[] {
  const manner = pickManner(random);
  const atMs = 500 + random.float() * (loadMs - 1500);
  const text = random.chance(0.04) ? random.pick(['forged', 'foreign'] as const) : 'code';
  const scan = (offMs: number, gate: number): PlannedScan => ({
    atMs: atMs + offMs,
    gate: gate % gates,
    ticket,
    text,
    peek: false,
    scanId: random.uuid(),
    override: random.chance(0.04),
    againAfterMs: random.chance(0.06) ? random.float() * 2000 : null,
    afterwards: afterwards(random),
  });
  const first = random.int(gates);
  switch (manner) {
    case 'plain':
      return [scan(0, first)];
    case 'race': {
      const hands = 2 + random.int(gates - 1);
      return Array.from({ length: hands }, (_, n) => scan(random.float() * 5, first + n));
    }
    case 'every-gate':
      return Array.from({ length: gates }, (_, n) => scan(n * (300 + random.float() * 1500), n));
    case 'comes-back':
      return [0, 1, 2].map((n) => scan(n * random.float() * 6000, first + n * random.int(2)));
    case 'impatient':
      return [0, 1, 2].map((n) => scan(n * random.float() * 200, first));
    case 'turned-back': {
      // The turnstile did not turn, or the guest went out: once more is allowed, and no more.
      const back = random.pick(['did-not-turn', 'exit', 'undo'] as const);
      return [0, 1600, 3200, 4000].map((offMs, n) => ({
        ...scan(offMs + random.float() * 400, first + (n > 0 ? random.int(gates) : 0)),
        afterwards: n === 0 ? back : ('nothing' as const),
      }));
    }
  }
}

function drawScans(random: SimRandom, gates: number, loadMs: number): PlannedScan[] {
  const guests = { random, gates, loadMs };
  const scans: PlannedScan[] = [];
  const order = Array.from({ length: ticketsSold + soldLater }, (_, n) => n).filter(
    (ticket) => !laterRefunded.includes(ticket),
  );
  for (let turn = 0; scans.length < leastScans; turn += 1) {
    const ticket = turn < order.length ? (order[turn] ?? 0) : random.int(order.length);
    if (turn < order.length && random.chance(0.2)) continue;
    scans.push(...visit(guests, ticket));
  }
  const inTime = scans.filter(({ atMs }) => atMs < loadMs - 500);
  return inTime;
}

/** Tickets that are looked at, taken back, and then held up: from a couple and a family. */
const laterRefunded: readonly number[] = [2, 11, 25];

/** A steward looks at a ticket; the box office takes it back; the guest comes to the same gate. */
function drawRefunds(random: SimRandom, gates: number, loadMs: number) {
  const scans: PlannedScan[] = [];
  const sales: PlannedSale[] = [];
  for (const ticket of laterRefunded) {
    const gate = random.int(gates);
    const atMs = random.float() * (loadMs - 5000);
    const scan = (offMs: number, peek: boolean): PlannedScan => ({
      atMs: atMs + offMs,
      gate,
      ticket,
      text: 'code',
      peek,
      scanId: random.uuid(),
      override: false,
      againAfterMs: null,
      afterwards: 'nothing',
    });
    scans.push(scan(0, true), scan(2500, false), scan(4000, false));
    sales.push({ atMs: atMs + 800, kind: 'refund', which: ticket });
  }
  return { scans, sales };
}

function drawSales(random: SimRandom, loadMs: number): PlannedSale[] {
  const burstsMs = Array.from({ length: bursts }, () => random.float() * loadMs * 0.9);
  const sell = Array.from({ length: soldLater }, (_, which) => ({
    atMs: random.chance(0.7) ? random.pick(burstsMs) : random.float() * loadMs * 0.8,
    kind: 'sell' as const,
    which,
  }));
  const others = Array.from({ length: 4 + random.int(6) }, () => ({
    atMs: random.float() * loadMs,
    kind: random.pick(['refund', 'refund', 'cancel', 'delay', 'move', 'spare-screen'] as const),
    which: random.int(ticketsSold),
  }));
  return [...sell, ...others];
}

/** An evening of a seed without its pauses. Each part draws from a stream of its own. */
export function makeBusyScenario(seed: number): Scenario {
  const random = new SimRandom(seed);
  const shape = random.fork('shape');
  const gates = 3 + (shape.chance(0.3) ? 1 : 0);
  const loadMs = 14_000 + shape.int(10_000);
  const blank = shape.chance(0.15) ? [shape.int(gates + 1) - 1] : [];
  const refunds = drawRefunds(random.fork('refunds'), gates, loadMs);
  const inOrder = <T extends { atMs: number }>(list: readonly T[]): T[] =>
    list.toSorted((a, b) => a.atMs - b.atMs);
  return {
    seed,
    gates,
    broker: shape.chance(0.6) ? 'iot-core' : 'mosquitto',
    maxPayloadBytes: shape.pick(payloadLimits),
    lanPayloadBytes: shape.pick(lanPayloadLimits),
    blank,
    loadMs,
    scans: inOrder([...drawScans(random.fork('guests'), gates, loadMs), ...refunds.scans]),
    sales: inOrder([...drawSales(random.fork('sales'), loadMs), ...refunds.sales]),
    faults: drawFaults(random.fork('faults'), gates, loadMs),
  };
}
