import type { FeedRow, ShowNo, TheatreNo, TicketId } from '@foyer/contracts';

import { insertBulk } from '../adapters/store/bulk.ts';
import type { DatabaseKind, Tx } from '../adapters/store/database.ts';
import { holdMs } from '../domain/booking.ts';
import { changeOf, type FeedChange } from '../domain/feed-rows.ts';
import { groupLabel } from '../domain/seats.ts';
import {
  bookingRefOf,
  refRandomBytes,
  ticketIdOf,
  ticketRandomBytes,
} from '../domain/ticket-ids.ts';
import { write, type ServiceContext } from './context.ts';

/** A confirmed booking to be written without the way through the API. */
export interface SeedBooking {
  showNo: ShowNo;
  seats: readonly string[];
  priceMinor: number;
  currency: string;
  ticketClass?: string;
  /** One ticket for all seats. */
  group?: boolean;
  rotating?: boolean;
}

export interface SeededBooking {
  bookingId: string;
  showNo: ShowNo;
  ticketIds: TicketId[];
}

/** Tickets that one transaction writes. */
const ticketsPerTransaction = 1000;

interface Rows {
  seeded: SeededBooking[];
  bookings: Parameters<typeof bookingRow>[];
  tickets: { bookingId: string; row: FeedRow<'ticket'>; seats: readonly string[] }[];
}

function bookingRow(
  theatreNo: TheatreNo,
  bookingId: string,
  bookingRef: string,
  booking: SeedBooking,
  nowMs: number,
) {
  return {
    booking_id: bookingId,
    booking_ref: bookingRef,
    theatre_no: theatreNo,
    show_no: booking.showNo,
    state: 'CONFIRMED' as const,
    total_minor: booking.priceMinor * booking.seats.length,
    currency: booking.currency,
    hold_expires_at_ms: nowMs + holdMs,
    ticket_class: booking.ticketClass ?? 'adult',
    rotating: booking.rotating === true ? 1 : 0,
    at_ms: nowMs,
  };
}

function draw(
  context: ServiceContext,
  theatreNo: TheatreNo,
  bookings: readonly SeedBooking[],
  nowMs: number,
): Rows {
  const rows: Rows = { seeded: [], bookings: [], tickets: [] };
  for (const booking of bookings) {
    const { showNo, seats, priceMinor, ticketClass = 'adult' } = booking;
    const bookingId = context.random.uuid();
    const bookingRef = bookingRefOf(context.random.bytes(refRandomBytes));
    rows.bookings.push([theatreNo, bookingId, bookingRef, booking, nowMs]);
    const parties = booking.group === true ? [seats] : seats.map((seat) => [seat]);
    const ticketIds: TicketId[] = [];
    for (const party of parties) {
      const random = context.random.bytes(ticketRandomBytes);
      const ticketId = ticketIdOf(theatreNo, party.length, random);
      ticketIds.push(ticketId);
      const row = {
        ticketId,
        bookingRef,
        showNo,
        seat: groupLabel(party),
        ticketClass,
        status: 'valid' as const,
        priceMinor: priceMinor * party.length,
      };
      rows.tickets.push({ bookingId, row, seats: party });
    }
    rows.seeded.push({ bookingId, showNo, ticketIds });
  }
  return rows;
}

async function insert(
  tx: Tx,
  kind: DatabaseKind,
  theatreNo: TheatreNo,
  rows: Rows,
  nowMs: number,
): Promise<void> {
  const bookings = rows.bookings.map((fields) => bookingRow(...fields));
  await insertBulk(tx, kind, 'booking', bookings);
  const tickets = rows.tickets.map(({ bookingId, row, seats }) => ({
    ticket_id: row.ticketId,
    booking_id: bookingId,
    theatre_no: theatreNo,
    show_no: row.showNo,
    seat: row.seat,
    seats: JSON.stringify(seats),
    ticket_class: row.ticketClass,
    status: row.status,
    price_minor: row.priceMinor,
  }));
  await insertBulk(tx, kind, 'ticket', tickets);
  const claims = rows.tickets.flatMap(({ bookingId, row, seats }) =>
    seats.map((seat) => ({
      theatre_no: theatreNo,
      show_no: row.showNo,
      seat,
      booking_id: bookingId,
      expires_at_ms: null,
    })),
  );
  await insertBulk(tx, kind, 'seat_claim', claims);
  const history = bookings.map(({ booking_id }) => ({
    booking_id,
    step: 1,
    at_ms: nowMs,
    what: 'confirmed',
  }));
  await insertBulk(tx, kind, 'booking_history', history);
}

function* batches(bookings: Iterable<SeedBooking>): Generator<SeedBooking[]> {
  let batch: SeedBooking[] = [];
  let seats = 0;
  for (const booking of bookings) {
    batch.push(booking);
    seats += booking.seats.length;
    if (seats < ticketsPerTransaction) continue;
    yield batch;
    batch = [];
    seats = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Writes confirmed bookings in large transactions, with seat claims and feed. Fails as a whole
 * transaction where a seat is taken.
 */
export async function seedBookings(
  context: ServiceContext,
  theatreNo: TheatreNo,
  bookings: Iterable<SeedBooking>,
): Promise<SeededBooking[]> {
  const seeded: SeededBooking[] = [];
  for (const batch of batches(bookings)) {
    const done = await write(context, theatreNo, async (tx, nowMs) => {
      const rows = draw(context, theatreNo, batch, nowMs);
      await insert(tx, context.store.kind, theatreNo, rows, nowMs);
      const changes: FeedChange[] = rows.tickets.map(({ row }) => changeOf('ticket', row));
      return { value: rows.seeded, changes };
    });
    seeded.push(...done);
  }
  return seeded;
}
