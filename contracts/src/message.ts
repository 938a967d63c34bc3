import { z } from 'zod';
import { feedMessageSchemas } from './feed/messages.ts';
import { meshMessageSchemas } from './mesh/messages.ts';
import { outboxMessageSchemas } from './outbox/messages.ts';

/**
 * Everything that a link carries. On the wire a message is a frame:
 *
 *   byte 0     protocol version
 *   byte 1     body coding: 0 = JSON in UTF-8, 1 = the same, brotli-compressed
 *   bytes 2-5  CRC-32 of the body as it is sent, big-endian
 *   bytes 6..  body
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
export const bodyCodings = { json: 0, brotli: 1 } as const;
/** No frame unpacks to more: a bound on what a hostile peer can make us allocate. */
export const maxUnpackedBytes = 8 * 1_048_576;
