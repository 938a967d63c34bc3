import { z } from 'zod';
import {
  auditoriumRowSchema,
  filmRowSchema,
  showRowSchema,
  theatreRowSchema,
} from '../feed/rows.ts';
import { nodeIdSchema, showNoSchema, utcMsSchema, uuidSchema } from '../ids.ts';
import {
  campaignRowSchema,
  contentIdSchema,
  emergencySchema,
  itemRowSchema,
  mediaRowSchema,
  screenIdSchema,
  screenRowSchema,
  sha256Schema,
  signageRowSchema,
} from './content.ts';

/**
 * Everything durable that decides what the screens of a theatre show. With a `LiveView` and a time
 * it gives the same second on every machine.
 */
export const programmeSchema = z.object({
  /** A digest of it all: two programmes with one hash are the same. */
  hash: sha256Schema,
  theatre: theatreRowSchema,
  signage: signageRowSchema,
  screens: z.array(screenRowSchema).max(256),
  auditoriums: z.array(auditoriumRowSchema).max(64),
  films: z.array(filmRowSchema).max(1000),
  shows: z.array(showRowSchema).max(5000),
  media: z.array(mediaRowSchema).max(2000),
  items: z.array(itemRowSchema).max(2000),
  campaigns: z.array(campaignRowSchema).max(1000),
});
export type Programme = z.infer<typeof programmeSchema>;

/** What is going on in the house at this moment. Each value carries when it was told. */
export const liveViewSchema = z.object({
  /** Admitted by show number as text, over all gates. */
  admitted: z.record(z.string(), z.object({ count: z.int().min(0), atMs: utcMsSchema })),
  /** Tickets sold by show number as text, as a node that has the tickets counts them. */
  sold: z.record(z.string(), z.object({ count: z.int().min(0), atMs: utcMsSchema })),
  /** People who wait, by gate. */
  waiting: z.record(nodeIdSchema, z.object({ count: z.int().min(0), atMs: utcMsSchema })),
  /** Delays that staff told in the house; they take the place of a show's own. */
  delays: z.array(
    z.object({ showNo: showNoSchema, delayMin: z.int().min(0).max(1440), atMs: utcMsSchema }),
  ),
  /** Those that are active, the newest first. */
  emergencies: z.array(emergencySchema).max(8),
  /** Gates that answer, by node: a board sends nobody to one that does not. */
  gates: z.array(z.object({ node: nodeIdSchema, open: z.boolean(), atMs: utcMsSchema })).max(64),
});
export type LiveView = z.infer<typeof liveViewSchema>;

/** `GET /v1/signage` of an agent: both, as of now. */
export const signageViewSchema = z.object({
  programme: programmeSchema.nullable(),
  live: liveViewSchema,
  nowMs: utcMsSchema,
});
export type SignageView = z.infer<typeof signageViewSchema>;

/** One play, told twice: when it starts (`endedAtMs` null) and when it ended. Same playId. */
export const playSchema = z.object({
  playId: uuidSchema,
  screenId: screenIdSchema,
  itemId: contentIdSchema,
  /** Null for the branded fallback. */
  campaignId: contentIdSchema.nullable(),
  /** Of the ad decision that chose it; null where none was asked. */
  decisionId: z.string().max(64).nullable(),
  programmeHash: sha256Schema,
  startedAtMs: utcMsSchema,
  endedAtMs: utcMsSchema.nullable(),
  outcome: z.enum(['playing', 'complete', 'cut', 'failed']),
  /** Proof of display: what the page's own pixels said; `unsampled`: they could not be read. */
  display: z.enum(['matched', 'differed', 'unsampled']),
});
export type Play = z.infer<typeof playSchema>;

/** What a screen says of itself, gossiped as the live value `screen/ID`. */
export const screenReportSchema = z.object({
  screenId: screenIdSchema,
  atMs: utcMsSchema,
  programmeHash: sha256Schema.nullable(),
  /** Newer than `programmeHash`: its files are not all here yet; null when there is none. */
  fetchingHash: sha256Schema.nullable(),
  playing: z
    .object({
      itemId: contentIdSchema,
      campaignId: contentIdSchema.nullable(),
      sinceMs: utcMsSchema,
    })
    .nullable(),
  mode: z.enum(['normal', 'standby', 'emergency', 'fallback']),
  /** The emergency that it shows. */
  emergencyId: uuidSchema.nullable(),
  /** No page has spoken for this long means that nobody knows what the glass shows. */
  pageAgeMs: z.int().min(0).nullable(),
  display: z.enum(['matched', 'differed', 'unsampled']),
  panel: z.enum(['on', 'off', 'unknown']),
  cache: z.object({ files: z.int(), bytes: z.int(), missing: z.int() }),
  plays: z.int().min(0),
  blankMs: z.int().min(0),
  faults: z
    .array(
      z.object({
        code: z.string().max(40),
        object: z.string().max(80),
        /** How far up the ladder of repair it went; none when absent. */
        rung: z.enum(['none', 'skip', 'reload', 'restart-browser', 'restart-output']).optional(),
        atMs: utcMsSchema,
      }),
    )
    .max(5),
  lastCommandId: uuidSchema.nullable(),
});
export type ScreenReport = z.infer<typeof screenReportSchema>;

export const screenCommandSchema = z.object({
  commandId: uuidSchema,
  screenId: screenIdSchema,
  kind: z.enum(['reload', 'restart-browser', 'screenshot', 'identify', 'panel-on', 'panel-off']),
  atMs: utcMsSchema,
});
export type ScreenCommand = z.infer<typeof screenCommandSchema>;

/** The screen's answer: it did it, or says why not. */
export const screenCommandResultSchema = z.object({
  commandId: uuidSchema,
  screenId: screenIdSchema,
  ok: z.boolean(),
  detail: z.string().max(200),
  /** A JPEG, base64; only for `screenshot`. */
  picture: z.base64().max(400_000).nullable(),
  atMs: utcMsSchema,
});
export type ScreenCommandResult = z.infer<typeof screenCommandResultSchema>;
