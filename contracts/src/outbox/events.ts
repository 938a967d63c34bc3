import { z } from 'zod';
import {
  nodeIdSchema,
  rightSchema,
  showNoSchema,
  ticketIdSchema,
  utcMsSchema,
  uuidSchema,
} from '../ids.ts';
import {
  contentIdSchema,
  emergencySchema,
  screenIdSchema,
  sha256Schema,
} from '../signage/content.ts';
import { playSchema } from '../signage/programme.ts';
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

/** A play that ended, or whose end nobody can know any more (`cut`, without an end). */
export const playEventSchema = playSchema.extend({
  kind: z.literal('play'),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});
export type PlayEvent = z.infer<typeof playEventSchema>;

/**
 * The box's signature over the chain of its plays: `hash` is the chain hash of the event before
 * this one in the lane, so that one signature covers everything up to it.
 */
export const playSealEventSchema = z.object({
  kind: z.literal('play-seal'),
  /** Of the lane, up to which it speaks. */
  seq: z.int().min(0),
  hash: z.string().max(64),
  plays: z.int().min(0),
  /** Over the UTF-8 text `foyer-plays/NODE/SEQ/HASH`, by the key of the node's certificate. */
  signature: z.base64().max(1024),
  /** The certificate, DER in base64: the cloud checks it against the theatre's authority. */
  certificate: z.base64().max(8192),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});
export type PlaySealEvent = z.infer<typeof playSealEventSchema>;

/** A fault of a screen: what failed, on what, and how far up the ladder of repair it went. */
export const screenFaultEventSchema = z.object({
  kind: z.literal('screen-fault'),
  screenId: screenIdSchema,
  code: z.enum([
    'media-corrupt',
    'media-missing',
    'media-unplayable',
    'playback-stalled',
    'page-silent',
    'display-differs',
    'store-full',
    'panel-off',
    'template-broken',
  ]),
  /** A file, an item or a page; "" where it has no name. */
  object: z.union([contentIdSchema, sha256Schema, z.literal('')]),
  rung: z.enum(['none', 'skip', 'reload', 'restart-browser', 'restart-output']),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});
export type ScreenFaultEvent = z.infer<typeof screenFaultEventSchema>;

/** An emergency was raised or ended at this node. */
export const emergencyEventSchema = emergencySchema.extend({
  kind: z.literal('emergency'),
  emergency: emergencySchema.shape.kind,
  gate: nodeIdSchema,
});

/** A screen of this node shows an emergency, or shows it no more. */
export const emergencyShownEventSchema = z.object({
  kind: z.literal('emergency-shown'),
  emergencyId: z.uuid(),
  screenId: screenIdSchema,
  shown: z.boolean(),
  gate: nodeIdSchema,
  atMs: utcMsSchema,
});

export const eventBodySchema = z.discriminatedUnion('kind', [
  admissionEventSchema,
  reversalEventSchema,
  denialEventSchema,
  doubleReportSchema,
  alarmEventSchema,
  playEventSchema,
  playSealEventSchema,
  screenFaultEventSchema,
  emergencyEventSchema,
  emergencyShownEventSchema,
]);
export type EventBody = z.infer<typeof eventBodySchema>;

export const laneOfKind = {
  admission: 'ledger',
  reversal: 'ledger',
  denial: 'telemetry',
  'double-report': 'telemetry',
  alarm: 'telemetry',
  play: 'bulk',
  'play-seal': 'bulk',
  'screen-fault': 'telemetry',
  emergency: 'telemetry',
  'emergency-shown': 'telemetry',
} as const satisfies Record<EventBody['kind'], Lane>;
