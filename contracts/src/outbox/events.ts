import { z } from 'zod';
import {
  nodeIdSchema,
  rightSchema,
  showNoSchema,
  ticketIdSchema,
  utcMsSchema,
  uuidSchema,
} from '../ids.ts';
import { colourSchema, flagSchema, reasonSchema } from '../verdict.ts';

/** Lanes have sequence, chain and acknowledgement of their own; `ledger` goes first. */
export const laneSchema = z.enum(['ledger', 'telemetry', 'bulk']);
export type Lane = z.infer<typeof laneSchema>;
export const lanes = laneSchema.options;

/** A durable green. */
export const admissionEventSchema = z.object({
  kind: z.literal('admission'),
  right: rightSchema,
  showNo: showNoSchema,
  scanId: uuidSchema,
  gate: nodeIdSchema,
  atMs: utcMsSchema,
  flags: z.array(flagSchema).max(8),
  /** The nodes whose votes it has. */
  votes: z.array(nodeIdSchema).max(8),
  configEpoch: z.int().min(0),
});
export type AdmissionEvent = z.infer<typeof admissionEventSchema>;

/** An admission that did not happen after all, or ended: it opens the ticket's next right. */
export const reversalEventSchema = z.object({
  kind: z.literal('reversal'),
  right: rightSchema,
  cause: z.enum(['did-not-turn', 'undo', 'exit']),
  scanId: uuidSchema,
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});
export type ReversalEvent = z.infer<typeof reversalEventSchema>;

export const denialEventSchema = z.object({
  kind: z.literal('denial'),
  scanId: uuidSchema,
  colour: colourSchema,
  reason: reasonSchema,
  ticketId: ticketIdSchema.optional(),
  showNo: showNoSchema.optional(),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});

/** Two or more admissions of one right. One report a right, growing by upsert. */
export const doubleReportSchema = z.object({
  kind: z.literal('double-report'),
  right: rightSchema,
  admissions: z
    .array(
      z.object({
        eventId: uuidSchema,
        gate: nodeIdSchema,
        atMs: utcMsSchema,
        flags: z.array(flagSchema).max(8),
      }),
    )
    .min(2)
    .max(64),
});
export type DoubleReport = z.infer<typeof doubleReportSchema>;

/** Something that an operator must see: a cloned disk, a repaired replica, a set-aside file. */
export const alarmEventSchema = z.object({
  kind: z.literal('alarm'),
  code: z.enum([
    'chain-forked',
    'replica-repaired',
    'database-quarantined',
    'clock-jumped',
    'dead-letter',
    'epoch-changed',
  ]),
  detail: z.string().max(500),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});
export type AlarmEvent = z.infer<typeof alarmEventSchema>;

export const eventBodySchema = z.discriminatedUnion('kind', [
  admissionEventSchema,
  reversalEventSchema,
  denialEventSchema,
  doubleReportSchema,
  alarmEventSchema,
]);
export type EventBody = z.infer<typeof eventBodySchema>;

export const laneOfKind = {
  admission: 'ledger',
  reversal: 'ledger',
  denial: 'telemetry',
  'double-report': 'telemetry',
  alarm: 'telemetry',
} as const satisfies Record<EventBody['kind'], Lane>;
