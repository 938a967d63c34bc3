import { addHistory } from '../adapters/store/bookings.ts';
import type { Tx } from '../adapters/store/database.ts';
import type { PaymentTable } from '../adapters/store/tables.ts';
import type { PaymentPort } from '../domain/ports.ts';
import type { ServiceContext } from './context.ts';

/** An unanswered charge is settled once its hold is over and this time has passed. */
const settleAfterMs = 60_000;
const sweepSize = 50;

/**
 * Notes, before the provider is asked, that it is asked. The token is kept until it has answered.
 */
export async function chargeStarted(
  tx: Tx,
  charge: {
    bookingId: string;
    token: string;
    amountMinor: number;
    currency: string;
    nowMs: number;
  },
): Promise<void> {
  const row = { state: 'charging' as const, token: charge.token, at_ms: charge.nowMs };
  await tx
    .insertInto('payment')
    .values({
      ...row,
      booking_id: charge.bookingId,
      charge_id: null,
      amount_minor: charge.amountMinor,
      currency: charge.currency,
    })
    .onConflict((on) => on.column('booking_id').doUpdateSet(row))
    .execute();
}

export async function setPayment(
  tx: Tx,
  bookingId: string,
  change: Partial<Omit<PaymentTable, 'booking_id'>>,
): Promise<void> {
  await tx.updateTable('payment').set(change).where('booking_id', '=', bookingId).execute();
}

/** Owes a captured charge back; what was never captured owes nothing. */
export async function markRefundDue(tx: Tx, bookingId: string, nowMs: number): Promise<void> {
  const owed = await tx
    .updateTable('payment')
    .set({ state: 'refund-due' })
    .where('booking_id', '=', bookingId)
    .where('state', '=', 'captured')
    .returning('booking_id')
    .executeTakeFirst();
  if (owed !== undefined) await addHistory(tx, bookingId, nowMs, 'refund due');
}

/** Pays an owed refund; where the provider does not answer it stays owed and is tried again. */
export async function payRefund(
  context: ServiceContext,
  payment: PaymentPort,
  bookingId: string,
): Promise<boolean> {
  const { store, clock, logger } = context;
  const row = await store.db
    .selectFrom('payment')
    .select(['state', 'charge_id'])
    .where('booking_id', '=', bookingId)
    .executeTakeFirst();
  if (row?.state !== 'refund-due' || row.charge_id === null) return true;
  const key = `refund-${bookingId}`;
  const outcome = await payment.refund({ idempotencyKey: key, chargeId: row.charge_id });
  if (outcome === 'unknown') {
    logger.warn('refund-delayed', { bookingId });
    return false;
  }
  await store.transaction(async (tx) => {
    const done = await tx
      .updateTable('payment')
      .set({ state: 'refunded' })
      .where('booking_id', '=', bookingId)
      .where('state', '=', 'refund-due')
      .returning('booking_id')
      .executeTakeFirst();
    if (done !== undefined) await addHistory(tx, bookingId, clock.nowMs(), 'refunded');
  });
  return true;
}

/**
 * Settles what was left open: refunds that are owed, and charges that nobody knows the outcome of.
 * The latter are asked for again under the same key, which charges nobody twice, and paid back by
 * `captured`. @returns how many were settled.
 */
export async function sweepPayments(
  context: ServiceContext,
  payment: PaymentPort,
  captured: (bookingId: string, chargeId: string) => Promise<void>,
): Promise<number> {
  const { db } = context.store;
  const due = await db
    .selectFrom('payment')
    .select('booking_id')
    .where('state', '=', 'refund-due')
    .orderBy('at_ms')
    .limit(sweepSize)
    .execute();
  let settled = 0;
  for (const { booking_id } of due) {
    if (await payRefund(context, payment, booking_id)) settled += 1;
  }
  const unknown = await db
    .selectFrom('payment')
    .innerJoin('booking', 'booking.booking_id', 'payment.booking_id')
    .selectAll('payment')
    .where('payment.state', '=', 'charging')
    .where('payment.at_ms', '<', context.clock.nowMs() - settleAfterMs)
    .where('booking.hold_expires_at_ms', '<', context.clock.nowMs() - settleAfterMs)
    .orderBy('payment.at_ms')
    .limit(sweepSize)
    .execute();
  for (const row of unknown) {
    if (await settleUnknown(context, payment, row, captured)) settled += 1;
  }
  return settled;
}

async function settleUnknown(
  context: ServiceContext,
  payment: PaymentPort,
  row: PaymentTable,
  captured: (bookingId: string, chargeId: string) => Promise<void>,
): Promise<boolean> {
  const result = await payment.charge({
    idempotencyKey: row.booking_id,
    token: row.token,
    amountMinor: row.amount_minor,
    currency: row.currency,
  });
  if (result.outcome === 'unknown') return false;
  if (result.outcome === 'declined') {
    await context.store.transaction((tx) =>
      setPayment(tx, row.booking_id, { state: 'declined', token: '' }),
    );
    return true;
  }
  try {
    await captured(row.booking_id, result.chargeId);
  } catch (error) {
    // That it ended in a refund is an answer to a guest; here it is the outcome looked for.
    const reason = error instanceof Error ? error.message : '';
    context.logger.info('charge-paid-back', { bookingId: row.booking_id, reason });
  }
  return true;
}
