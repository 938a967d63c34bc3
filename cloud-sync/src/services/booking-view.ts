import { entriesOf, type Booking, type Flag, type TicketStatus } from '@foyer/contracts';

import { admissionsOf, historyOf, type StoredBooking } from '../adapters/store/bookings.ts';
import { findEntry } from '../adapters/store/catalogue.ts';
import type { AdmissionTable, TicketTable } from '../adapters/store/tables.ts';
import { stateAt } from '../domain/booking.ts';
import type { TicketSigner } from '../domain/ports.ts';
import type { ServiceContext } from './context.ts';
import { ticketCodeText } from './ticket-codes.ts';

type BookingTicket = Booking['tickets'][number];

function admissionView(row: AdmissionTable): BookingTicket['admissions'][number] {
  return {
    eventId: row.event_id,
    gate: row.gate,
    atMs: row.at_ms,
    n: row.n,
    flags: JSON.parse(row.flags) as Flag[],
    reversed: row.reversed === 1,
  };
}

/** The state of a stored booking at a moment. */
export function storedStateAt({ booking }: StoredBooking, nowMs: number): Booking['state'] {
  return stateAt({ state: booking.state, holdExpiresAtMs: booking.hold_expires_at_ms }, nowMs);
}

/** A booking as the API tells it: with codes once it is confirmed, admissions and history. */
export async function viewBooking(
  context: ServiceContext,
  signer: TicketSigner,
  stored: StoredBooking,
): Promise<Booking> {
  const { db } = context.store;
  const { booking, tickets } = stored;
  const nowMs = context.clock.nowMs();
  const state = storedStateAt(stored, nowMs);
  const admissions = await admissionsOf(
    db,
    tickets.map((ticket) => ticket.ticket_id),
  );
  const showKey =
    booking.rotating === 1
      ? await findEntry(db, booking.theatre_no, 'show-key', booking.show_no)
      : undefined;
  const view = (ticket: TicketTable): BookingTicket => {
    const ticketId = ticket.ticket_id;
    const entries = entriesOf(ticketId);
    const request = { ticketId, showNo: booking.show_no, entries, showKey: showKey?.key ?? null };
    return {
      ticketId,
      seat: ticket.seat,
      entries,
      status: ticket.status as TicketStatus,
      code: state === 'CONFIRMED' ? ticketCodeText(signer, request, nowMs) : null,
      admissions: admissions.filter((row) => row.ticket_id === ticketId).map(admissionView),
    };
  };
  const history = await historyOf(db, booking.booking_id);
  if (state === 'EXPIRED' && booking.state === 'PENDING') {
    history.push({ atMs: booking.hold_expires_at_ms, what: 'expired' });
  }
  return {
    bookingId: booking.booking_id,
    bookingRef: booking.booking_ref,
    theatreNo: booking.theatre_no,
    showNo: booking.show_no,
    state,
    total: { amountMinor: booking.total_minor, currency: booking.currency },
    holdExpiresAtMs: state === 'PENDING' ? booking.hold_expires_at_ms : null,
    tickets: tickets.map(view),
    history,
  };
}
