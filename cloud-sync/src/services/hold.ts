import { FoyerError, type holdRequestSchema } from '@foyer/contracts';
import type { z } from 'zod';

import { addHistory, insertBooking, type NewBooking } from '../adapters/store/bookings.ts';
import {
  needAuditorium,
  needShow,
  needTheatre,
  type StoredShow,
} from '../adapters/store/catalogue.ts';
import { claimSeats, type ClaimStrategy } from '../adapters/store/claims.ts';
import { isUniqueViolation, type Tx } from '../adapters/store/database.ts';
import { holdMs } from '../domain/booking.ts';
import { groupLabel, inReadingOrder, seatsToClaim } from '../domain/seats.ts';
import {
  bookingRefOf,
  refRandomBytes,
  ticketIdOf,
  ticketRandomBytes,
} from '../domain/ticket-ids.ts';
import type { ServiceContext } from './context.ts';

export type HoldRequest = z.infer<typeof holdRequestSchema>;

export interface HoldOptions {
  claim?: ClaimStrategy;
  /** The order in which a request's seats are claimed; sorted when absent. */
  order?: (seats: readonly string[]) => readonly string[];
}

/** A reference or ticket id that is taken already is drawn again; twice in a row is a fault. */
const maxDraws = 3;

export interface IdempotentHold {
  key: string;
  requestHash: string;
}

/**
 * Holds seats for 10 minutes, all or none. @returns the booking's id, an earlier one for a retry.
 */
export async function holdSeats(
  context: ServiceContext,
  request: HoldRequest,
  idempotency: IdempotentHold | null,
  options: HoldOptions = {},
): Promise<string> {
  for (let draw = 1; ; draw += 1) {
    const bookingId = context.random.uuid();
    try {
      return await context.store.transaction(async (tx) => {
        if (idempotency !== null) {
          const nowMs = context.clock.nowMs();
          const earlier = await claimKey(tx, idempotency, bookingId, nowMs);
          if (earlier !== null) return earlier;
        }
        await holdIn(tx, context, request, bookingId, options);
        return bookingId;
      });
    } catch (error) {
      if (!isUniqueViolation(error) || draw === maxDraws) throw error;
    }
  }
}

/** Takes an idempotency key; the booking that has it already, if any. */
async function claimKey(
  tx: Tx,
  { key, requestHash }: IdempotentHold,
  bookingId: string,
  nowMs: number,
): Promise<string | null> {
  const got = await tx
    .insertInto('idempotency')
    .values({ key, request_hash: requestHash, booking_id: bookingId, at_ms: nowMs })
    .onConflict((on) => on.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (got !== undefined) return null;
  const earlier = await tx
    .selectFrom('idempotency')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (earlier.request_hash === requestHash) return earlier.booking_id;
  throw new FoyerError('bad-request', 'This Idempotency-Key was used for another request.');
}

async function holdIn(
  tx: Tx,
  context: ServiceContext,
  request: HoldRequest,
  bookingId: string,
  options: HoldOptions,
): Promise<void> {
  const { theatreNo, showNo } = request;
  const { currency } = await needTheatre(tx, theatreNo);
  const show = await needShow(tx, theatreNo, showNo);
  if (show.status === 'cancelled') {
    throw new FoyerError('wrong-state', `Show ${showNo} was cancelled.`);
  }
  const { seatMap } = await needAuditorium(tx, theatreNo, show.auditorium);
  const sorted = seatsToClaim(seatMap, request.seats);
  const seats = options.order?.(request.seats) ?? sorted;
  const nowMs = context.clock.nowMs();
  const holdExpiresAtMs = nowMs + holdMs;
  const claim = { theatreNo, showNo, seats, bookingId, expiresAtMs: holdExpiresAtMs };
  const got = new Set(await (options.claim ?? claimSeats)(tx, claim, nowMs));
  const taken = seats.filter((seat) => !got.has(seat));
  if (taken.length > 0) {
    const verb = taken.length === 1 ? 'is' : 'are';
    throw new FoyerError('seat-taken', `${inReadingOrder(taken).join(', ')} ${verb} taken.`);
  }
  const tickets = drawTickets(context, request, show);
  const booking: NewBooking = {
    bookingId,
    bookingRef: bookingRefOf(context.random.bytes(refRandomBytes)),
    theatreNo,
    showNo,
    totalMinor: show.priceMinor * request.seats.length,
    currency,
    holdExpiresAtMs,
    ticketClass: request.ticketClass,
    rotating: request.rotating,
    tickets,
  };
  await insertBooking(tx, booking, nowMs);
  await addHistory(tx, bookingId, nowMs, 'held');
}

/** One ticket a seat, or one for all of a group. */
function drawTickets(
  context: ServiceContext,
  { theatreNo, seats, group }: HoldRequest,
  show: StoredShow,
): NewBooking['tickets'] {
  const ordered = inReadingOrder(seats);
  const parties = group ? [ordered] : ordered.map((seat) => [seat]);
  return parties.map((party) => ({
    ticketId: ticketIdOf(theatreNo, party.length, context.random.bytes(ticketRandomBytes)),
    seat: groupLabel(party),
    seats: party,
    priceMinor: show.priceMinor * party.length,
  }));
}
