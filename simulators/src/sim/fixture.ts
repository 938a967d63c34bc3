import { existsSync } from 'node:fs';

import { seedBookings, type SeedBooking } from '@foyer/cloud-sync';
import {
  entriesOf,
  formatTicketCode,
  packCore,
  signatureBytes,
  type FeedRow,
  type NodeId,
  type ShowNo,
  type TicketId,
} from '@foyer/contracts';
import { lanLimits } from '@foyer/platform';
import { SimDisk } from '@foyer/platform/sim';

import { signer, type SimCloud } from './cloud.ts';
import { theatreNo } from './node.ts';
import { mosquittoManners, roleOf, SimWorld } from './world.ts';

/** A Friday, 17:00 UTC; shows begin at 18:30. */
export const fixtureMs = Date.UTC(2026, 5, 5, 17);
/** When every run begins. */
export const openingMs = fixtureMs + 3_600_000;

export interface SimTicket {
  readonly ticketId: TicketId;
  readonly bookingId: string;
  readonly showNo: ShowNo;
  readonly entries: number;
  readonly ticketClass: string;
  readonly code: string;
}

/** A theatre as it stands in the afternoon: sold tickets, replicas in step. Disks are templates. */
export interface Fixture {
  readonly cloud: SimDisk;
  readonly disks: ReadonlyMap<NodeId, SimDisk>;
  readonly tickets: readonly SimTicket[];
}

/** Memory, where there is a file system in it: the fsyncs are real, and cost nothing. */
const fastDir = '/dev/shm';

export function newDisk(): SimDisk {
  return new SimDisk(existsSync(fastDir) ? { dir: fastDir, migrations: [] } : { migrations: [] });
}

export const nodeRow = (nodeId: NodeId): FeedRow<'node'> => ({
  nodeId,
  role: roleOf(nodeId),
  name: nodeId,
  auditoriums: [],
  status: 'active',
  meshUrl: null,
});

export function gateIds(gates: number): NodeId[] {
  return Array.from({ length: gates }, (_, n) => `gate-${n + 1}`);
}

function coreOf(ticketId: TicketId, showNo: ShowNo): Uint8Array {
  const kind = entriesOf(ticketId) > 1 ? 'group' : 'static';
  return packCore({ kind, keyId: signer.keyId, ticketId, showNo });
}

/** The text of a ticket's QR code. */
export function codeOf(ticketId: TicketId, showNo: ShowNo): string {
  const core = coreOf(ticketId, showNo);
  return formatTicketCode(core, signer.sign(core));
}

/** The same, signed by somebody else. */
export function forgedCodeOf(ticketId: TicketId, showNo: ShowNo): string {
  return formatTicketCode(coreOf(ticketId, showNo), new Uint8Array(signatureBytes).fill(3));
}

const showNos = [1, 2] as const;
const rows = Array.from('ABCDEFGH', (row) => ({ row, seats: 10 }));
const priceMinor = 1200;
const currency = 'EUR';

/** Single seats, couples, and some families with one code; a few tickets are of a strict class. */
function* bookings(): Generator<SeedBooking> {
  for (const showNo of showNos) {
    for (const [at, { row }] of rows.entries()) {
      const seats = (from: number, to: number): string[] =>
        Array.from({ length: to - from }, (_, n) => `${row}${from + n}`);
      const base = { showNo, priceMinor, currency };
      yield { ...base, seats: seats(1, 2) };
      yield { ...base, seats: seats(2, 4), ticketClass: at % 4 === 0 ? 'premium' : 'adult' };
      yield { ...base, seats: seats(4, 7), group: true };
    }
  }
}

async function fill(cloud: SimCloud, gates: readonly NodeId[]): Promise<SimTicket[]> {
  await cloud.start();
  const worker = cloud.worker;
  if (worker === null) throw new Error('The cloud of the fixture did not start.');
  const { catalogue, context } = worker;
  await catalogue.putTheatre(theatreNo, {
    theatreNo,
    name: 'Lumen',
    timeZone: 'Europe/Berlin',
    currency,
    doorsOpenBeforeMin: 120,
    doorsCloseAfterMin: 180,
    staleAfterMin: 30,
    classes: { default: { mode: 'open' }, premium: { mode: 'strict' } },
  });
  await catalogue.putNodes(theatreNo, { nodes: ['theatre', ...gates].map(nodeRow) });
  const film = { filmId: 'f1', title: 'The Long Shore', runtimeMin: 110, rating: '0', minAge: 0 };
  await catalogue.putFilm(theatreNo, film.filmId, film);
  for (const showNo of showNos) {
    const auditorium = `a${showNo}`;
    const room = { auditorium, name: `Screen ${showNo}`, directions: 'on your left' };
    await catalogue.putAuditorium(theatreNo, auditorium, { ...room, seatMap: { rows } });
    const startsAtMs = fixtureMs + 2 * 3_600_000;
    const show = { showNo, filmId: film.filmId, auditorium, startsAtMs, priceMinor };
    await catalogue.putShow(theatreNo, showNo, show);
  }
  const seeded = await seedBookings(context, theatreNo, bookings());
  const classes = [...bookings()].map((booking) => booking.ticketClass ?? 'adult');
  return seeded.flatMap(({ bookingId, showNo, ticketIds }, at) =>
    ticketIds.map((ticketId) => ({
      ticketId,
      bookingId,
      showNo,
      entries: entriesOf(ticketId),
      ticketClass: classes[at] ?? 'adult',
      code: codeOf(ticketId, showNo),
    })),
  );
}

function build(gates: number): Fixture {
  const ids = gateIds(gates);
  const disks = new Map(['theatre', ...ids].map((id) => [id, newDisk()] as const));
  const world = new SimWorld({
    seed: gates,
    startMs: fixtureMs,
    manners: mosquittoManners,
    lanPayloadBytes: lanLimits.maxPayloadBytes,
    cloudDisk: newDisk(),
    disks,
    trace: null,
    remembers: false,
    onDefect: (who, error) => {
      throw new Error(`${who} of the fixture failed`, { cause: error });
    },
  });
  const tickets = world.await(fill(world.cloud, ids));
  for (const node of world.nodes.values()) node.start();
  const behind = (): boolean =>
    [...world.nodes.values()].some((node) =>
      (node.api?.status().feeds ?? []).every((feed) => feed.rows === 0),
    );
  world.clock.runUntil(() => !behind(), 60_000);
  world.clock.advance(5000);
  for (const node of world.nodes.values()) node.stop();
  world.await(world.cloud.stop());
  world.clock.advance(1000);
  return { cloud: world.cloud.disk, disks, tickets };
}

const built = new Map<number, Fixture>();

/** The fixture of a theatre with so many gates; made once in a process. */
export function fixtureOf(gates: number): Fixture {
  let fixture = built.get(gates);
  if (fixture === undefined) {
    fixture = build(gates);
    built.set(gates, fixture);
    process.once('exit', () => {
      for (const disk of [fixture?.cloud, ...(fixture?.disks.values() ?? [])]) disk?.destroy();
    });
  }
  return fixture;
}
