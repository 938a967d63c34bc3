import {
  contentIdSchema,
  liveViewSchema,
  playSchema,
  programmeSchema,
  screenIdSchema,
  screenReportSchema,
  sha256Schema,
  utcMsSchema,
  uuidSchema,
} from '@foyer/contracts';
import { z } from 'zod';

export { renditionFor } from './domain/store/rendition.ts';
export type { Rendition } from './domain/store/rendition.ts';

/*
 * What the player and the page of one screen say to each other, on loopback only.
 *
 *   GET  /screens/:screenId            the page; its boot is the JSON of the script "boot"
 *   GET  /screens/:screenId/events     SSE: `programme`, `live`, `command`
 *   POST /screens/:screenId/plays      starts and ends, idempotent by playId
 *   PUT  /screens/:screenId/pulse      what the page is doing, every `pulseEveryMs` and on a change
 *   POST /screens/:screenId/command-results
 *   GET  /preview/:screenId?at=MS|ISO  the same page at any time; SSE at /preview/:screenId/events
 *   GET  /media/:sha256                a file of the store, with ranges, immutable
 *   GET  /assets/...                   the page's own bundle
 */

/** What the page is told in its HTML. */
export const bootSchema = z.object({
  screenId: screenIdSchema,
  /** `preview` tells nobody anything: no plays, no pulse, no commands. */
  mode: z.enum(['screen', 'preview']),
  /** Of a preview: the moment that it begins at, in UTC ms; null is now. */
  atMs: utcMsSchema.nullable(),
  /** Where the page's requests go, without a trailing slash: `/screens/lobby-1`. */
  base: z.string().max(80),
  pulseEveryMs: z.int().min(100),
  pictureEveryMs: z.int().min(500),
  /** Of the page's bundle; said again in each pulse. */
  version: z.string().max(64),
});
export type Boot = z.infer<typeof bootSchema>;

/**
 * SSE `programme`: sent on connection and whenever a newer one has all of its files here.
 * Until the first there is none, and the page shows its branded fallback (or an emergency).
 */
export const programmeMessageSchema = z.object({
  programme: programmeSchema,
  screenId: screenIdSchema,
  /** The agent's time when it was sent. */
  nowMs: utcMsSchema,
  /** Files in the store, of those that this screen may show. */
  ready: z.array(sha256Schema).max(4000),
  /** A file is at `${mediaBase}/${sha256}`. */
  mediaBase: z.string().max(80),
});
export type ProgrammeMessage = z.infer<typeof programmeMessageSchema>;

/** SSE `live`: on connection, on every change, and at least every 10 s (it carries the time). */
export const liveMessageSchema = z.object({ live: liveViewSchema, nowMs: utcMsSchema });
export type LiveMessage = z.infer<typeof liveMessageSchema>;

/**
 * SSE `command`. `skip`: leave the item that is on, at once; `reload`: location.reload() (answered
 * by the new page's first pulse, not by a result); `identify`: show the screen's name for 10 s;
 * `screenshot`: answer with the page's own small picture.
 */
export const pageCommandSchema = z.object({
  commandId: uuidSchema,
  kind: z.enum(['reload', 'skip', 'identify', 'screenshot']),
});
export type PageCommand = z.infer<typeof pageCommandSchema>;

/** Names and bodies of the SSE messages. */
export const pageEventSchemas = {
  programme: programmeMessageSchema,
  live: liveMessageSchema,
  command: pageCommandSchema,
} as const;

export const pagePlaysSchema = z.object({ plays: z.array(playSchema).min(1).max(200) });
export type PagePlays = z.infer<typeof pagePlaysSchema>;
/** Those that the player has taken over, and that the page may forget. */
export const pagePlaysResultSchema = z.object({ kept: z.int().min(0) });

/** Something that the page found wrong. `object`: a sha256, an item, a URL. */
export const pageFaultSchema = z.object({
  /** `media-unplayable` (object: the sha256) makes the player hash the file anew. */
  code: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  object: z.string().max(80),
  atMs: utcMsSchema,
});
export type PageFault = z.infer<typeof pageFaultSchema>;

/** `PUT /screens/:screenId/pulse` */
export const pulseSchema = z.object({
  /** One a page load: a new one says that the page was loaded anew. */
  pageId: uuidSchema,
  /** The boot's, so that a page of an older bundle is noticed. */
  version: z.string().max(64).optional(),
  atMs: utcMsSchema,
  programmeHash: sha256Schema.nullable(),
  mode: screenReportSchema.shape.mode,
  playing: z
    .object({
      itemId: contentIdSchema,
      campaignId: contentIdSchema.nullable(),
      sinceMs: utcMsSchema,
      /** What the item says of its own progress: a video's currentTime; null where it has none. */
      positionMs: z.number().min(0).nullable(),
      /** How long it is meant to be on in all; past it by seconds, the page is stuck. */
      durationMs: z.number().min(0),
    })
    .nullable(),
  /** The emergency that this page has painted; null for none. */
  emergencyId: uuidSchema.nullable(),
  /** The last sample of the page's own pixels. */
  display: screenReportSchema.shape.display,
  /** At most 2.6 KB of JPEG, base64; null: none new since the last pulse. */
  picture: z.base64().max(3600).nullable(),
  heapBytes: z.number().min(0).nullable(),
  /** Since the page was loaded: time in which nothing at all was on. */
  blankMs: z.number().min(0),
  /** Plays that started since the page was loaded. */
  plays: z.int().min(0),
  /** New since the last pulse that was answered. */
  faults: z.array(pageFaultSchema).max(10),
  /** Plays that wait in the page for the player. */
  queued: z.int().min(0),
});
export type Pulse = z.infer<typeof pulseSchema>;
/** `reload`: the page is older than the player's bundle and should load itself anew. */
export const pulseResultSchema = z.object({ nowMs: utcMsSchema, reload: z.boolean() });

/** `POST /screens/:screenId/command-results` */
export const pageCommandResultSchema = z.object({
  commandId: uuidSchema,
  ok: z.boolean(),
  detail: z.string().max(200),
  /** A JPEG, base64; only for `screenshot`. */
  picture: z.base64().max(400_000).nullable(),
});
export type PageCommandResult = z.infer<typeof pageCommandResultSchema>;
