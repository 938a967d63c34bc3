import type { ShowNo, TheatreNo } from '@foyer/contracts';
import { sql } from 'kysely';

import type { Tx } from './database.ts';

export interface ClaimRequest {
  theatreNo: TheatreNo;
  showNo: ShowNo;
  /** Sorted: see `seatsToClaim`. */
  seats: readonly string[];
  bookingId: string;
  /** Null claims for good. */
  expiresAtMs: number | null;
}

/**
 * How seats are claimed: it answers the seats that it got. The store's own is `claimSeats`; tests
 * inject one without its protection, to see that the race is real.
 */
export type ClaimStrategy = (
  tx: Tx,
  request: ClaimRequest,
  nowMs: number,
) => Promise<readonly string[]>;

/**
 * Claims seats that are free, held by nobody any more, or held by this very booking. One statement,
 * whose rows are locked in the order given; the primary key decides between two that are equal.
 */
export const claimSeats: ClaimStrategy = async (tx, request, nowMs) => {
  const { theatreNo, showNo, seats, bookingId, expiresAtMs } = request;
  const got = await tx
    .insertInto('seat_claim')
    .values(
      seats.map((seat) => ({
        theatre_no: theatreNo,
        show_no: showNo,
        seat,
        booking_id: bookingId,
        expires_at_ms: expiresAtMs,
      })),
    )
    .onConflict((on) =>
      on
        .columns(['theatre_no', 'show_no', 'seat'])
        .doUpdateSet({ booking_id: bookingId, expires_at_ms: expiresAtMs })
        .where((where) =>
          where.or([
            where('seat_claim.expires_at_ms', '<=', nowMs),
            where('seat_claim.booking_id', '=', bookingId),
          ]),
        ),
    )
    .returning('seat')
    .execute();
  return got.map((row) => row.seat);
};

/** Gives a booking's seats back. */
export async function releaseSeats(tx: Tx, bookingId: string): Promise<void> {
  await sql`DELETE FROM seat_claim WHERE booking_id = ${bookingId}`.execute(tx);
}
