import { z } from 'zod';
import {
  nodeIdSchema,
  rightSchema,
  seqSchema,
  showNoSchema,
  utcMsSchema,
  uuidSchema,
} from './ids.ts';

/** What the lamp shows. `ignored` is text that is not ours: no lamp, no event. */
export const colourSchema = z.enum(['green', 'amber', 'red', 'ignored']);
export type Colour = z.infer<typeof colourSchema>;

/** The closed list of reasons; every verdict has exactly one. */
export const reasonSchema = z.enum([
  'admitted',
  'admitted-degraded',
  'check-age',
  'valid',
  'wrong-auditorium',
  'wrong-theatre',
  'too-early',
  'too-late',
  'already-admitted',
  'claimed-elsewhere',
  'strict-offline',
  'cancelled',
  'refunded',
  'unpaid',
  'blocked',
  'revoked',
  'forged',
  'expired-code',
  'unknown-show',
  'not-a-ticket',
  'stale-data',
  'disk-full',
]);
export type Reason = z.infer<typeof reasonSchema>;

/** Why a green is flagged; an unflagged green has none of these. */
export const flagSchema = z.enum([
  'degraded',
  'stale-data',
  'unknown-ticket',
  'clock-unagreed',
  'override',
]);
export type Flag = z.infer<typeof flagSchema>;

/** Where and when a right was admitted. */
export const admissionRefSchema = z.object({ gate: nodeIdSchema, atMs: utcMsSchema });

/** What was last heard from a peer, for a degraded green. */
export const peerStateSchema = z.object({
  node: nodeIdSchema,
  lastHeardAgoMs: z.int().min(0).nullable(),
});

export const verdictSchema = z.object({
  scanId: uuidSchema,
  colour: colourSchema,
  reason: reasonSchema,
  /** For the guest, in the theatre's language: "Screen 5, on your left". */
  message: z.string().max(200),
  right: rightSchema.optional(),
  showNo: showNoSchema.optional(),
  seat: z.string().max(12).optional(),
  ticketClass: z.string().max(24).optional(),
  flags: z.array(flagSchema).max(8),
  /** The other admission, when the reason is `already-admitted`. */
  admission: admissionRefSchema.optional(),
  /** For a degraded green: every elector that did not answer. */
  peers: z.array(peerStateSchema).max(16).optional(),
  /** The position in the tickets feed that this was decided on, and how long ago it was in step. */
  cursor: z.object({ seq: seqSchema, ageMs: z.int().min(0).nullable() }),
  atMs: utcMsSchema,
});
export type Verdict = z.infer<typeof verdictSchema>;
