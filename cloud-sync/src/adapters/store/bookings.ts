import {
  FoyerError,
  type Booking,
  type BookingRef,
  type ShowNo,
  type TheatreNo,
  type TicketStatus,
} from '@foyer/contracts';

import { forUpdate, type Db, type Store, type Tx } from './database.ts';
import type { AdmissionTable, BookingTable, TicketTable } from './tables.ts';

/** A booking's row with its tickets'. */
export interface StoredBooking {
  booking: BookingTable;
  tickets: TicketTable[];
}

async function ticketsOf(db: Db | Tx, bookingId: string): Promise<TicketTable[]> {
  return db
    .selectFrom('ticket')
    .selectAll()
    .where('booking_id', '=', bookingId)
    .orderBy('ticket_id')
    .execute();
}

/** The booking, locked until the transaction ends; FoyerError `not-found`. */
export async function lockBooking(tx: Tx, store: Store, bookingId: string): Promise<StoredBooking> {
  const booking = await tx
    .selectFrom('booking')
    .selectAll()
    .where('booking_id', '=', bookingId)
    .modifyEnd(forUpdate(store.kind))
    .executeTakeFirst();
  if (booking === undefined) throw noBooking(bookingId);
  return { booking, tickets: await ticketsOf(tx, bookingId) };
}

/** The booking; FoyerError `not-found`. */
export async function readBooking(db: Db, bookingId: string): Promise<StoredBooking> {
  const booking = await db
    .selectFrom('booking')
    .selectAll()
    .where('booking_id', '=', bookingId)
    .executeTakeFirst();
  if (booking === undefined) throw noBooking(bookingId);
  return { booking, tickets: await ticketsOf(db, bookingId) };
}

function noBooking(bookingId: string): FoyerError {
  return new FoyerError('not-found', `There is no booking ${bookingId}.`);
}

export interface NewBooking {
  bookingId: string;
  bookingRef: BookingRef;
  theatreNo: TheatreNo;
  showNo: ShowNo;
  totalMinor: number;
  currency: string;
  holdExpiresAtMs: number;
  ticketClass: string;
  rotating: boolean;
  tickets: readonly {
    ticketId: string;
    seat: string;
    seats: readonly string[];
    priceMinor: number;
  }[];
}

/** Inserts a booking with its tickets. A taken reference or ticket id violates a unique key. */
export async function insertBooking(tx: Tx, booking: NewBooking, nowMs: number): Promise<void> {
  await tx
    .insertInto('booking')
    .values({
      booking_id: booking.bookingId,
      booking_ref: booking.bookingRef,
      theatre_no: booking.theatreNo,
      show_no: booking.showNo,
      state: 'PENDING',
      total_minor: booking.totalMinor,
      currency: booking.currency,
      hold_expires_at_ms: booking.holdExpiresAtMs,
      ticket_class: booking.ticketClass,
      rotating: booking.rotating ? 1 : 0,
      at_ms: nowMs,
    })
    .execute();
  await tx
    .insertInto('ticket')
    .values(
      booking.tickets.map((ticket) => ({
        ticket_id: ticket.ticketId,
        booking_id: booking.bookingId,
        theatre_no: booking.theatreNo,
        show_no: booking.showNo,
        seat: ticket.seat,
        seats: JSON.stringify(ticket.seats),
        ticket_class: booking.ticketClass,
        status: 'unpaid',
        price_minor: ticket.priceMinor,
      })),
    )
    .execute();
}

export async function setBookingState(
  tx: Tx,
  bookingId: string,
  state: BookingTable['state'],
  ticketStatus?: TicketStatus,
): Promise<void> {
  await tx.updateTable('booking').set({ state }).where('booking_id', '=', bookingId).execute();
  if (ticketStatus === undefined) return;
  await tx
    .updateTable('ticket')
    .set({ status: ticketStatus })
    .where('booking_id', '=', bookingId)
    .execute();
}

/** Appends a line to a booking's history. The booking is locked or new. */
export async function addHistory(
  tx: Tx,
  bookingId: string,
  atMs: number,
  what: string,
): Promise<void> {
  const last = await tx
    .selectFrom('booking_history')
    .select(({ fn }) => fn.max('step').as('step'))
    .where('booking_id', '=', bookingId)
    .executeTakeFirst();
  const step = (last?.step ?? 0) + 1;
  await tx
    .insertInto('booking_history')
    .values({ booking_id: bookingId, step, at_ms: atMs, what })
    .execute();
}

export async function historyOf(db: Db, bookingId: string): Promise<Booking['history']> {
  return db
    .selectFrom('booking_history')
    .select(['at_ms as atMs', 'what'])
    .where('booking_id', '=', bookingId)
    .orderBy('step')
    .execute();
}

/** The admissions of tickets, oldest first. */
export async function admissionsOf(
  db: Db | Tx,
  ticketIds: readonly string[],
): Promise<AdmissionTable[]> {
  if (ticketIds.length === 0) return [];
  return db
    .selectFrom('admission')
    .selectAll()
    .where('ticket_id', 'in', ticketIds)
    .orderBy('at_ms')
    .execute();
}
