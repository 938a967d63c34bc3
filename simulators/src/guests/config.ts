import { z } from 'zod';

import { nodeIdSchema, theatreNoSchema, uuidSchema } from '@foyer/contracts';

/** What the simulated guests need to know. */
export const guestsConfigSchema = z.strictObject({
  seed: z.int().min(0),
  theatreNo: theatreNoSchema,
  /** The booking API. */
  cloudUrl: z.url(),
  gates: z
    .array(
      z.strictObject({
        node: nodeIdSchema,
        scannerUrl: z.url(),
        auditoriums: z.array(z.string().max(16)),
      }),
    )
    .min(1)
    .max(12),
  /** Bookings of yesterday's shows, whose tickets some try again. */
  oldBookings: z.array(uuidSchema).max(200).default([]),
  demand: z
    .strictObject({
      /** Parties a second, over all gates. */
      meanPerS: z.number().min(0.01).max(50).default(1.5),
      rush: z.number().min(0).max(1).default(0.5),
      periodMs: z.int().min(1000).default(20_000),
    })
    .prefault({}),
  /** Parties that may be on their way at once; more are turned away at the door. */
  maxParties: z.int().min(1).max(2000).default(40),
});
export type GuestsConfig = z.infer<typeof guestsConfigSchema>;
