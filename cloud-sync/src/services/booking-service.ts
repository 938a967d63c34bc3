import { createHash } from 'node:crypto';

import { FoyerError, type Booking, type FeedRow } from '@foyer/contracts';

import {
  addHistory,
  admissionsOf,
  lockBooking,
  readBooking,
  setBookingState,
  type StoredBooking,
} from '../adapters/store/bookings.ts';
import { needShow } from '../adapters/store/catalogue.ts';
import { claimSeats, releaseSeats } from '../adapters/store/claims.ts';
import type { Tx } from '../adapters/store/database.ts';
import type { TicketTable } from '../adapters/store/tables.ts';
import {
  decideCancel,
  decideCaptured,
  decideCharge,
  type BookingFacts,
} from '../domain/booking.ts';
import { changeOf, type FeedChange } from '../domain/feed-rows.ts';
import type { PaymentPort, TicketSigner } from '../domain/ports.ts';
import { storedStateAt, viewBooking } from './booking-view.ts';
import { write, type ServiceContext } from './context.ts';
import { holdSeats, type HoldOptions, type HoldRequest } from './hold.ts';
import { chargeStarted, markRefundDue, payRefund, setPayment } from './payments.ts';

export interface BookingServiceOptions {
  payment: PaymentPort;
  signer: TicketSigner;
  hold?: HoldOptions;
}

/** Hold, confirm, cancel. The provider is asked outside of any transaction. */
export class BookingService {
  readonly #context: ServiceContext;
  readonly #options: BookingServiceOptions;

  constructor(context: ServiceContext, options: BookingServiceOptions) {
    this.#context = context;
    this.#options = options;
  }

  async hold(request: HoldRequest, idempotencyKey: string | null): Promise<Booking> {
    const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, requestHash };
    const id = await holdSeats(this.#context, request, idempotency, this.#options.hold);
    return this.read(id);
  }

  async read(bookingId: string): Promise<Booking> {
    const stored = await readBooking(this.#context.store.db, bookingId);
    return viewBooking(this.#context, this.#options.signer, stored);
  }

  /**
   * Charges and confirms. Throws `hold-expired`, `wrong-state`, `payment-declined` or
   * `payment-unreachable`; after the last the charge is settled later, once, whatever it was.
   */
  async confirm(bookingId: string, token: string): Promise<Booking> {
    const charge = await this.#context.store.transaction(async (tx) => {
      const stored = await lockBooking(tx, this.#context.store, bookingId);
      const facts = await this.#facts(tx, stored);
      if (decideCharge(facts, this.#context.clock.nowMs()) === 'done') return null;
      const { total_minor: amountMinor, currency } = stored.booking;
      const nowMs = this.#context.clock.nowMs();
      await chargeStarted(tx, { bookingId, token, amountMinor, currency, nowMs });
      return { idempotencyKey: bookingId, token, amountMinor, currency };
    });
    if (charge === null) return this.read(bookingId);
    const result = await this.#options.payment.charge(charge);
    if (result.outcome === 'unknown') {
      throw new FoyerError('payment-unreachable', 'The payment provider did not answer in time.');
    }
    if (result.outcome === 'declined') {
      await this.#declined(bookingId);
      throw new FoyerError('payment-declined', 'The payment was declined.');
    }
    await this.captured(bookingId, result.chargeId);
    return this.read(bookingId);
  }

  /** Cancels, releases the seats and, unless told otherwise, pays back. */
  async cancel(bookingId: string, refund: boolean): Promise<Booking> {
    const { theatre_no: theatreNo } = (await readBooking(this.#context.store.db, bookingId))
      .booking;
    await write(this.#context, theatreNo, async (tx, nowMs) => {
      const stored = await lockBooking(tx, this.#context.store, bookingId);
      const decision = decideCancel(await this.#facts(tx, stored), nowMs);
      if (decision === 'done') return { value: undefined, changes: [] };
      await releaseSeats(tx, bookingId);
      const status = refund && decision === 'revoke' ? 'refunded' : 'cancelled';
      await setBookingState(tx, bookingId, 'CANCELLED', status);
      await addHistory(tx, bookingId, nowMs, 'cancelled');
      if (decision === 'release') return { value: undefined, changes: [] };
      if (refund) await markRefundDue(tx, bookingId, nowMs);
      return { value: undefined, changes: ticketChanges(stored, status) };
    });
    await payRefund(this.#context, this.#options.payment, bookingId);
    return this.read(bookingId);
  }

  /**
   * A charge was captured: turns the hold into a sale. Where the hold ran out meanwhile the seats
   * are claimed again; where others have them, or the booking was cancelled, the charge is paid
   * back. A charge that is found out about long after the hold (`tooLate`) is paid back, too: the
   * guest was told that nothing is held and may have bought other seats.
   */
  async captured(bookingId: string, chargeId: string, tooLate = false): Promise<void> {
    const { theatre_no: theatreNo } = (await readBooking(this.#context.store.db, bookingId))
      .booking;
    const outcome = await write(this.#context, theatreNo, async (tx, nowMs) => {
      const stored = await lockBooking(tx, this.#context.store, bookingId);
      const decision = decideCaptured(await this.#facts(tx, stored));
      if (decision === 'done') return { value: 'confirmed', changes: [] };
      await setPayment(tx, bookingId, { state: 'captured', charge_id: chargeId, token: '' });
      if (!tooLate && decision === 'claim' && (await this.#claimForGood(tx, stored, nowMs))) {
        await setBookingState(tx, bookingId, 'CONFIRMED', 'valid');
        await addHistory(tx, bookingId, nowMs, 'confirmed');
        return { value: 'confirmed', changes: ticketChanges(stored, 'valid') };
      }
      await markRefundDue(tx, bookingId, nowMs);
      if (stored.booking.state === 'CANCELLED') return { value: 'cancelled', changes: [] };
      await releaseSeats(tx, bookingId);
      await setBookingState(tx, bookingId, 'EXPIRED');
      await addHistory(tx, bookingId, nowMs, 'expired while it was paid');
      return { value: 'expired', changes: [] };
    });
    if (outcome === 'confirmed') return;
    await payRefund(this.#context, this.#options.payment, bookingId);
    if (outcome === 'expired') {
      throw new FoyerError('hold-expired', 'The hold ran out while it was paid; it is paid back.');
    }
    throw new FoyerError('wrong-state', 'The booking was cancelled meanwhile; it is paid back.');
  }

  /** Rows that were stored before the claim may have been lost to others since the hold ran out. */
  async #claimForGood(tx: Tx, { booking, tickets }: StoredBooking, nowMs: number) {
    const seats = tickets.flatMap((ticket) => JSON.parse(ticket.seats) as string[]).sort();
    const { theatre_no: theatreNo, show_no: showNo, booking_id: bookingId } = booking;
    const request = { theatreNo, showNo, seats, bookingId, expiresAtMs: null };
    const got = await claimSeats(tx, request, nowMs);
    return got.length === seats.length;
  }

  async #declined(bookingId: string): Promise<void> {
    await this.#context.store.transaction(async (tx) => {
      const stored = await lockBooking(tx, this.#context.store, bookingId);
      // Another confirm with another token may have gone through meanwhile.
      if (stored.booking.state === 'CONFIRMED') return;
      await setPayment(tx, bookingId, { state: 'declined', token: '' });
      await addHistory(tx, bookingId, this.#context.clock.nowMs(), 'payment declined');
    });
  }

  async #facts(tx: Tx, stored: StoredBooking): Promise<BookingFacts> {
    const { booking, tickets } = stored;
    const show = await needShow(tx, booking.theatre_no, booking.show_no);
    const admissions = await admissionsOf(
      tx,
      tickets.map((ticket) => ticket.ticket_id),
    );
    return {
      state: booking.state,
      holdExpiresAtMs: booking.hold_expires_at_ms,
      showCancelled: show.status === 'cancelled',
      admitted: admissions.some((admission) => admission.reversed === 0),
    };
  }

  /** The booking, for its e-tickets; FoyerError `wrong-state` unless it is confirmed. */
  async confirmed(bookingId: string): Promise<Booking> {
    const stored = await readBooking(this.#context.store.db, bookingId);
    const state = storedStateAt(stored, this.#context.clock.nowMs());
    if (state !== 'CONFIRMED') {
      throw new FoyerError('wrong-state', `The booking is ${state}: it has no tickets to show.`);
    }
    return viewBooking(this.#context, this.#options.signer, stored);
  }
}

function ticketChanges(
  { booking, tickets }: StoredBooking,
  status: FeedRow<'ticket'>['status'],
): FeedChange[] {
  return tickets.map((ticket) =>
    changeOf('ticket', ticketRow(booking.booking_ref, ticket, status)),
  );
}

/** A ticket as the feed carries it. */
function ticketRow(
  bookingRef: string,
  ticket: TicketTable,
  status: FeedRow<'ticket'>['status'],
): FeedRow<'ticket'> {
  return {
    ticketId: ticket.ticket_id,
    bookingRef,
    showNo: ticket.show_no,
    seat: ticket.seat,
    ticketClass: ticket.ticket_class,
    status,
    priceMinor: ticket.price_minor,
  };
}
