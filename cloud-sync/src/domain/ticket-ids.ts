import type { BookingRef, TheatreNo, TicketId } from '@foyer/contracts';

/** Random bytes that a ticket id needs. */
export const ticketRandomBytes = 6;
/** Random bytes that a booking reference needs. */
export const refRandomBytes = 5;

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ticket id from random bytes: the theatre, then entries - 1 in 4 bits, then 44 random bits. */
export function ticketIdOf(theatreNo: TheatreNo, entries: number, random: Uint8Array): TicketId {
  const theatre = theatreNo.toString(16).padStart(4, '0');
  const bytes = Array.from(random.subarray(0, ticketRandomBytes));
  bytes[0] = ((entries - 1) << 4) | ((bytes[0] ?? 0) & 0x0f);
  return theatre + bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What a guest reads out: 40 random bits in Crockford's base 32. */
export function bookingRefOf(random: Uint8Array): BookingRef {
  let bits = 0n;
  for (const byte of random.subarray(0, refRandomBytes)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 0; digit < 8; digit += 1) {
    text = (crockford[Number(bits & 31n)] ?? '0') + text;
    bits >>= 5n;
  }
  return text;
}
