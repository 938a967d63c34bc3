import { z } from 'zod';

/** Number of a theatre within a chain: it is the first two bytes of a ticket id. */
export const theatreNoSchema = z.int().min(1).max(0xffff);
/** Number of a show (one screening) within its theatre. */
export const showNoSchema = z.int().min(1).max(0xffff_ffff);
/**
 * A device with an agent, unique within its theatre; also the common name of its certificate. The
 * names `all` (a topic for every node) and `cloud` (a node's peer) are taken.
 */
export const nodeIdSchema = z.string().regex(/^(?!(?:all|cloud)$)[a-z][a-z0-9-]{0,31}$/);
/** Eight bytes as lower-case hex: theatre number (2), then 6 whose top 4 bits are entries - 1. */
export const ticketIdSchema = z.string().regex(/^[0-9a-f]{16}$/);
/** What a guest reads out: Crockford base32 without I, L, O and U. */
export const bookingRefSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/);
/** A UUID. Epochs, event ids and scan ids are UUIDs. */
export const uuidSchema = z.uuid();
/** A random mark of a commit or an incarnation: 8 bytes as lower-case hex. */
export const markSchema = z.string().regex(/^[0-9a-f]{16}$/);
/** A chain hash: the first 16 bytes of a SHA-256 as lower-case hex. */
export const chainHashSchema = z.string().regex(/^[0-9a-f]{32}$/);
/** UTC milliseconds since 1970. */
export const utcMsSchema = z.int().min(0).max(8_640_000_000_000_000);
/** A sequence number of a feed or a lane; 0 is "nothing yet". */
export const seqSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export type TheatreNo = z.infer<typeof theatreNoSchema>;
export type ShowNo = z.infer<typeof showNoSchema>;
export type NodeId = z.infer<typeof nodeIdSchema>;
export type TicketId = z.infer<typeof ticketIdSchema>;
export type BookingRef = z.infer<typeof bookingRefSchema>;

/** An entry right: the n-th entry that a ticket gives. What is admitted is a right. */
export const rightSchema = z.object({
  ticketId: ticketIdSchema,
  n: z.int().min(0).max(4095),
});
export type Right = z.infer<typeof rightSchema>;

/** A key for maps and tables: `ticketId/n`. */
export function rightKey(right: Right): string {
  return `${right.ticketId}/${right.n}`;
}

/** The theatre number inside a ticket id. */
export function theatreNoOf(ticketId: TicketId): TheatreNo {
  return Number.parseInt(ticketId.slice(0, 4), 16);
}

/** How many guests a ticket admits: 1..16. */
export function entriesOf(ticketId: TicketId): number {
  return Number.parseInt(ticketId.slice(4, 5), 16) + 1;
}
