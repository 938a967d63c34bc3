import { FoyerError, type seatMapSchema } from '@foyer/contracts';
import type { z } from 'zod';

export type SeatMap = z.infer<typeof seatMapSchema>;
export type SeatState = 'free' | 'held' | 'sold';

/** A claim on one seat: `expiresAtMs` null means sold. */
export interface SeatClaim {
  seat: string;
  expiresAtMs: number | null;
}

/** Every seat of a map, row by row: A1, A2, ... */
export function seatNames(map: SeatMap): string[] {
  return map.rows.flatMap(({ row, seats }) =>
    Array.from({ length: seats }, (_, at) => `${row}${at + 1}`),
  );
}

/** How many people a map seats. */
export function capacityOf(map: SeatMap): number {
  return map.rows.reduce((sum, row) => sum + row.seats, 0);
}

/** What a claim means at a moment; a hold that ran out means nothing. */
export function stateOfClaim(claim: SeatClaim | undefined, nowMs: number): SeatState {
  if (claim === undefined) return 'free';
  if (claim.expiresAtMs === null) return 'sold';
  return claim.expiresAtMs > nowMs ? 'held' : 'free';
}

/** Every seat with its state, derived from the claims. */
export function availability(map: SeatMap, claims: readonly SeatClaim[], nowMs: number) {
  const bySeat = new Map(claims.map((claim) => [claim.seat, claim]));
  return seatNames(map).map((seat) => ({
    seat,
    state: stateOfClaim(bySeat.get(seat), nowMs),
  }));
}

/**
 * The seats of a request in the order in which they are claimed: sorted, so that two requests that
 * overlap wait for each other in one direction only.
 *
 * Throws FoyerError `bad-request` for a seat named twice and `not-found` for one that is not there.
 */
export function seatsToClaim(map: SeatMap, wanted: readonly string[]): string[] {
  const unique = new Set(wanted);
  if (unique.size !== wanted.length) {
    throw new FoyerError('bad-request', 'A seat is named twice.');
  }
  const known = new Set(seatNames(map));
  const missing = wanted.filter((seat) => !known.has(seat));
  if (missing.length > 0) {
    throw new FoyerError('not-found', `This auditorium has no seat ${missing.join(', ')}.`);
  }
  return [...unique].sort();
}

function parts(seat: string): { row: string; number: number } {
  const row = /^[A-Z]+/.exec(seat)?.[0] ?? '';
  return { row, number: Number(seat.slice(row.length)) };
}

/** Seats as people read them: by row ("B" before "AA"), then by number. */
export function inReadingOrder(seats: readonly string[]): string[] {
  return seats.toSorted((one, other) => {
    const a = parts(one);
    const b = parts(other);
    if (a.row !== b.row) {
      return a.row.length - b.row.length || (a.row < b.row ? -1 : 1);
    }
    return a.number - b.number;
  });
}

/** One short label for the seats of a group: "F12", "F12-15", or "F12 +3" where they are apart. */
export function groupLabel(seats: readonly string[]): string {
  const ordered = inReadingOrder(seats);
  const first = ordered[0] ?? '';
  const last = ordered.at(-1) ?? first;
  if (ordered.length === 1) return first;
  const from = parts(first);
  const to = parts(last);
  const adjacent = from.row === to.row && to.number - from.number === ordered.length - 1;
  return adjacent ? `${first}-${to.number}` : `${first} +${ordered.length - 1}`;
}
