/**
 * The version of everything on the wire. A node speaks the current and the previous one.
 *
 * - 1: feed, outbox and mesh messages as JSON in a checksummed frame.
 */
export const protocolVersion = 1;
export const oldestProtocolVersion = 1;
