import { z } from 'zod';
import { feedMessageSchemas } from './feed/messages.ts';
import { meshMessageSchemas } from './mesh/messages.ts';
import { outboxMessageSchemas } from './outbox/messages.ts';

/**
 * Everything that a link carries. On the wire a message is a frame:
 *
 *   byte 0     protocol version
 *   byte 1     body coding: 0 = JSON in UTF-8, 1 = the same, brotli-compressed, 2 = a piece
 *   bytes 2-5  CRC-32 of the body as it is sent, big-endian
 *   bytes 6..  body
 *
 * A frame that no payload of a link holds goes in pieces, each a frame whose body is: CRC-32 of the
 * whole frame, its size and the offset in it, 4 bytes each, big-endian, and the bytes from there.
 */
export const messageSchema = z.discriminatedUnion('type', [
  ...feedMessageSchemas,
  ...outboxMessageSchemas,
  ...meshMessageSchemas,
]);
export type Message = z.infer<typeof messageSchema>;
export type MessageType = Message['type'];
export type MessageOf<T extends MessageType> = Extract<Message, { type: T }>;

export const frameHeaderBytes = 6;
export const bodyCodings = { json: 0, brotli: 1, piece: 2 } as const;
/** No frame unpacks to more: a bound on what a hostile peer can make us allocate. */
export const maxUnpackedBytes = 8 * 1_048_576;

/** No message nests deeper, live values included; whoever walks a value needs a bound. */
export const maxNesting = 24;

/**
 * Whether a value that was parsed from JSON has more levels of objects and arrays than `most`. It
 * goes no deeper than that: a few kilobytes of brackets would exhaust the stack of one who does.
 */
export function isNestedDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  if (Array.isArray(value)) return value.some((inner) => isNestedDeeper(inner, most - 1));
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    if (isNestedDeeper(fields[name], most - 1)) return true;
  }
  return false;
}
