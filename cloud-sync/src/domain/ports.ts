import type { FeedName, FeedRow, FeedTable, TheatreNo } from '@foyer/contracts';

/** A charge's outcome. `unknown` means that the provider did not answer: it may have charged. */
export type ChargeOutcome =
  | { outcome: 'captured'; chargeId: string }
  | { outcome: 'declined' }
  | { outcome: 'unknown' };

/** What the cloud end needs of a payment provider. Neither call throws, and each is bounded. */
export interface PaymentPort {
  /** Charges once for one key, however often it is called. */
  charge(request: {
    idempotencyKey: string;
    token: string;
    amountMinor: number;
    currency: string;
  }): Promise<ChargeOutcome>;
  /** Gives a charge back, once for one key. */
  refund(request: { idempotencyKey: string; chargeId: string }): Promise<'refunded' | 'unknown'>;
}

/** Signs ticket codes: one chain-wide key at a time. */
export interface TicketSigner {
  readonly keyId: number;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** 64 bytes. */
  sign(core: Uint8Array): Uint8Array;
}

/**
 * A key beside the one that signs: the next one, which gates learn of before tickets carry it, or a
 * former one. `retired` is still good for the tickets that it signed; of a `revoked` one no ticket
 * is accepted any more.
 */
export interface PublishedKey {
  readonly keyId: number;
  readonly status: FeedRow<'key'>['status'];
  /** Raw, base64url; null for a key that the theatres know already. */
  readonly publicKey: string | null;
}

/** A row of a feed, or its end, as a booking system reports it. */
export type SourceChange =
  | { [T in FeedTable]: { theatreNo: TheatreNo; table: T; row: FeedRow<T> } }[FeedTable]
  | { theatreNo: TheatreNo; table: FeedTable; gone: string; group?: string };

/**
 * What an operator with a booking system of their own implements instead of the booking API: the
 * theatres, films, auditoriums, shows, tickets and show keys of that system as a list of changes.
 *
 * The cloud end asks for what follows its position and writes the rows to the theatres' feeds in
 * the transaction that keeps the new position, so nothing is lost or doubled across a crash. A row
 * that is told again as it was costs nothing. Ticket ids and codes follow
 * contracts/src/ticket-code.ts.
 */
export interface BookingSource {
  /** Names its position in the database; stable. */
  readonly name: string;
  /**
   * Changes after `position` (null: from the beginning), oldest first, at most `limit`. `position`
   * of the answer is asked for next; it is opaque. `more` false means that this is all by now.
   */
  changes(
    position: string | null,
    limit: number,
  ): Promise<{ changes: SourceChange[]; position: string; more: boolean }>;
}

/** Tells that a feed has a new head; called after the commit. */
export type FeedListener = (theatreNo: TheatreNo, feed: FeedName) => void;
