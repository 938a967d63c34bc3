import { z } from 'zod';
import { chainHashSchema, markSchema, nodeIdSchema, seqSchema, uuidSchema } from '../ids.ts';
import { laneSchema } from './events.ts';

/** The number of an event: never reused, gap-free per (node, incarnation, lane). */
const origin = { node: nodeIdSchema, incarnation: markSchema, lane: laneSchema };

/**
 * An event as its node wrote it. `body` is kept as text, because the chain is over these bytes:
 * hash = SHA-256(prevHash + "\n" + seq + "\n" + eventId + "\n" + body), first 16 bytes, in hex.
 */
export const outboxEventSchema = z.object({
  seq: seqSchema.min(1),
  eventId: uuidSchema,
  body: z.string().max(16_384),
});
export type OutboxEvent = z.infer<typeof outboxEventSchema>;

/** The hash before the first event of an incarnation's lane. */
export const genesisHash = '0'.repeat(32);

/** A run of a lane's events: (since, since + events.length]. `node` may be another's: a relay. */
export const pushSchema = z.object({
  type: z.literal('push'),
  ...origin,
  since: seqSchema,
  /** The chain's hash at `since`. */
  prevHash: chainHashSchema,
  /** The first that the sender still holds, if not 1: a receiver that is below it goes on there. */
  oldest: seqSchema.optional(),
  /** Empty to ask where the receiver is. */
  events: z.array(outboxEventSchema).max(1000),
});
export type Push = z.infer<typeof pushSchema>;

/** Sent after the receiver's commit; the only thing that is an acknowledgement. */
export const ackSchema = z.object({
  type: z.literal('ack'),
  ...origin,
  /** What the receiver has committed. A push that does not start there is a gap: send from here. */
  lastSeq: seqSchema,
  /** What the cloud has committed, as far as the receiver knows: this alone is durable. */
  durableSeq: seqSchema,
  /**
   * The receiver has another chain under these numbers, or none beyond `lastSeq` for good: a disk
   * of the node was cloned or restored.
   */
  forked: z.boolean(),
  /**
   * What the push that began at `from` showed: the receiver has its very chain up to `to`; null: it
   * cannot tell, or has another at `from` already.
   */
  checked: z.object({ from: seqSchema, to: seqSchema.nullable() }).optional(),
  rejects: z
    .array(
      z.object({
        seq: seqSchema,
        eventId: uuidSchema,
        code: z.string().max(40),
        message: z.string().max(200),
      }),
    )
    .max(1000),
});
export type Ack = z.infer<typeof ackSchema>;

export const outboxMessageSchemas = [pushSchema, ackSchema] as const;
