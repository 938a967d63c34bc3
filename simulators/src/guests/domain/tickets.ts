import type { z } from 'zod';

import { formatTicketCode, packCore, parseTicketCode } from '@foyer/contracts';
import type { seatStateSchema } from '@foyer/contracts';

import type { Uniform } from '../../camera/random.ts';

type SeatState = z.infer<typeof seatStateSchema>;

/**
 * A code that looks like a ticket and was not signed by the chain: another ticket number under a
 * signature that does not fit it.
 */
export function forgeCode(code: string, uniform: Uniform): string {
  const parsed = parseTicketCode(code);
  if (parsed.outcome !== 'code') return code;
  const { ticketId, signature } = parsed.code;
  const tail = Math.floor(uniform() * 0xffff_ffff);
  const forged = ticketId.slice(0, 8) + tail.toString(16).padStart(8, '0');
  return formatTicketCode(packCore({ ...parsed.code, ticketId: forged }), signature);
}

const strangeTexts = [
  'https://menu.example/halcyon/popcorn',
  'WIFI:T:WPA;S:Halcyon Guests;P:popcorn-please;;',
  'tel:+35315550100',
  'BEGIN:VCARD\nVERSION:3.0\nN:Bar;Halcyon\nEND:VCARD',
  'LOYALTY-0047-2291-8830',
  'geo:53.3498,-6.2603',
];

/** Something else that people have on their phones. */
export const strangeText = (uniform: Uniform): string =>
  strangeTexts[Math.floor(uniform() * strangeTexts.length)] ?? 'hello';

const rowOf = (seat: string): string => seat.replace(/\d+$/, '');
const numberOf = (seat: string): number => Number(seat.replace(/^\D+/, ''));

/**
 * Free seats side by side.
 * @returns undefined when no row has so many.
 */
export function pickSeats(
  seats: readonly SeatState[],
  count: number,
  uniform: Uniform,
): string[] | undefined {
  const free = seats.filter(({ state }) => state === 'free').map(({ seat }) => seat);
  const starts = free.filter((seat, index) => {
    const last = free[index + count - 1];
    return (
      last !== undefined &&
      rowOf(last) === rowOf(seat) &&
      numberOf(last) === numberOf(seat) + count - 1
    );
  });
  const start = starts[Math.floor(uniform() * starts.length)];
  if (start === undefined) return undefined;
  const first = free.indexOf(start);
  return free.slice(first, first + count);
}
