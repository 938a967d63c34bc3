import { z } from 'zod';

import { nodeIdSchema, verdictSchema } from '@foyer/contracts';

import { conditions } from '../camera/index.ts';
import { intents } from './domain/intents.ts';

const intent = z.enum(intents);
const gate = nodeIdSchema;

/** What the guests say on stdout, one JSON object a line. No ticket's code is ever in it. */
export const guestReportSchema = z.discriminatedUnion('kind', [
  /** A gate showed a verdict. */
  z.object({
    kind: z.literal('verdict'),
    gate,
    intent,
    condition: z.enum(conditions),
    verdict: verdictSchema,
    /** Frames until it was read; the time of the decoder for the last; the agent's time. */
    frames: z.int(),
    decodeMs: z.number(),
    scanMs: z.number().nullable(),
    /** From the first sight of the frame that was read to the verdict. */
    frameToVerdictMs: z.number(),
  }),
  /** A phone that no frame could be read of. */
  z.object({ kind: z.literal('gave-up'), gate, intent, condition: z.enum(conditions) }),
  /** No gate was there to go to, or the queue was too long. */
  z.object({ kind: z.literal('left'), intent }),
  z.object({ kind: z.literal('bought'), seats: z.int() }),
  /** The booking API did not sell: the code of its problem. */
  z.object({ kind: z.literal('not-sold'), code: z.string() }),
  /** How many wait at each gate, after a change. */
  z.object({ kind: z.literal('queue'), gate, waiting: z.int() }),
  /** Everyone has gone; nothing follows. */
  z.object({ kind: z.literal('finished') }),
]);
export type GuestReport = z.infer<typeof guestReportSchema>;
export type VerdictReport = Extract<GuestReport, { kind: 'verdict' }>;
