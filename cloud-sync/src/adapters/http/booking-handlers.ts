import { FoyerError, type Booking, type bookingOperations } from '@foyer/contracts';
import type { Handlers } from '@foyer/platform/http';
import type { Request } from 'express';
import { z } from 'zod';

import type { BookingService } from '../../services/booking-service.ts';
import type { ServiceContext } from '../../services/context.ts';
import { listAdmissions, listDoubles, theatreSummary } from '../../services/reports.ts';
import { readBooking } from '../store/bookings.ts';
import { findEntry, needShow, needTheatre } from '../store/catalogue.ts';
import { ticketPng } from '../tickets/image.ts';
import { ticketsPage, type TicketPage } from '../tickets/page.ts';

const keySchema = z.string().min(1).max(80).optional();

function idempotencyKeyOf(request: Request): string | null {
  const parsed = keySchema.safeParse(request.headers['idempotency-key']);
  if (parsed.success) return parsed.data ?? null;
  throw new FoyerError('bad-request', 'An Idempotency-Key has 1 to 80 characters.');
}

async function pageOf(context: ServiceContext, booking: Booking): Promise<TicketPage> {
  const { db } = context.store;
  const { theatreNo, showNo } = booking;
  const theatre = await needTheatre(db, theatreNo);
  const show = await needShow(db, theatreNo, showNo);
  const stored = await readBooking(db, booking.bookingId);
  const seats = new Map(
    stored.tickets.map((row) => [row.ticket_id, z.array(z.string()).parse(JSON.parse(row.seats))]),
  );
  return {
    booking,
    rotating: stored.booking.rotating === 1,
    seats,
    theatre,
    show: { ...show, currency: theatre.currency },
    film: await findEntry(db, theatreNo, 'film', show.filmId),
    auditorium: await findEntry(db, theatreNo, 'auditorium', show.auditorium),
  };
}

function codeOf(booking: Booking, ticketId: string): string {
  const code = booking.tickets.find((ticket) => ticket.ticketId === ticketId)?.code;
  if (typeof code === 'string') return code;
  throw new FoyerError('not-found', `This booking has no ticket ${ticketId}.`);
}

/** The bookings' and reports' operations on their services. */
export function bookingHandlers(options: {
  context: ServiceContext;
  bookings: BookingService;
}): Handlers<typeof bookingOperations> {
  const { context, bookings } = options;
  const { db } = context.store;
  return {
    hold: ({ body, request }) => bookings.hold(body, idempotencyKeyOf(request)),
    confirm: ({ params, body }) => bookings.confirm(params.bookingId, body.paymentToken),
    cancel: ({ params, body }) => bookings.cancel(params.bookingId, body.refund),
    booking: ({ params }) => bookings.read(params.bookingId),
    ticketsPage: async ({ params }) => {
      const booking = await bookings.confirmed(params.bookingId);
      const page = await ticketsPage(await pageOf(context, booking));
      return { contentType: 'text/html; charset=utf-8', body: page };
    },
    ticketImage: async ({ params }) => {
      const booking = await bookings.confirmed(params.bookingId);
      const png = await ticketPng(codeOf(booking, params.ticketId));
      return { contentType: 'image/png', body: png };
    },
    summary: ({ params }) => theatreSummary(db, params.theatreNo),
    admissions: ({ params, query }) => listAdmissions(db, params.theatreNo, query),
    doubles: ({ params }) => listDoubles(db, params.theatreNo),
  };
}
