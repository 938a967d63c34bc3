import { FoyerError, type Booking } from '@foyer/contracts';

/** How long seats are held for a guest who is paying. */
export const holdMs = 10 * 60_000;

export type BookingState = Booking['state'];

/** What decisions about a booking look at. */
export interface BookingFacts {
  state: BookingState;
  holdExpiresAtMs: number;
  showCancelled: boolean;
  /** Guests were let in on it, and not let out again by an undo. */
  admitted: boolean;
}

/** The state at a moment: a hold expires by itself, nobody has to say so. */
export function stateAt(facts: Pick<BookingFacts, 'state' | 'holdExpiresAtMs'>, nowMs: number) {
  const over = facts.state === 'PENDING' && nowMs >= facts.holdExpiresAtMs;
  return over ? 'EXPIRED' : facts.state;
}

const holdExpired = () => new FoyerError('hold-expired', 'The seats are no longer held.');

/**
 * Whether a charge may be made. Throws FoyerError `hold-expired` or `wrong-state`.
 * @returns `done` for a booking that is confirmed already.
 */
export function decideCharge(facts: BookingFacts, nowMs: number): 'charge' | 'done' {
  const state = stateAt(facts, nowMs);
  switch (state) {
    case 'CONFIRMED':
      return 'done';
    case 'EXPIRED':
      throw holdExpired();
    case 'CANCELLED':
      throw new FoyerError('wrong-state', 'This booking was cancelled.');
    case 'PENDING':
      if (facts.showCancelled) throw new FoyerError('wrong-state', 'The show was cancelled.');
      return 'charge';
  }
}

/**
 * What becomes of a charge that was captured, given the booking as it is by now.
 * - `claim`: turn the hold into a sale; where its seats went to others meanwhile, refund.
 * - `refund`: the booking was cancelled while the charge was made.
 */
export function decideCaptured(facts: BookingFacts): 'claim' | 'done' | 'refund' {
  if (facts.state === 'CONFIRMED') return 'done';
  if (facts.state === 'CANCELLED' || facts.showCancelled) return 'refund';
  return 'claim';
}

/** What a cancellation does. Throws FoyerError `wrong-state`. */
export function decideCancel(facts: BookingFacts, nowMs: number): 'release' | 'revoke' | 'done' {
  switch (stateAt(facts, nowMs)) {
    case 'CANCELLED':
      return 'done';
    case 'EXPIRED':
      throw new FoyerError('wrong-state', 'The hold ran out: there is nothing to cancel.');
    case 'PENDING':
      return 'release';
    case 'CONFIRMED':
      if (facts.admitted) {
        throw new FoyerError('wrong-state', 'A guest was admitted on this booking.');
      }
      return 'revoke';
  }
}
