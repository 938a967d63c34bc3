import { z } from 'zod';
import { nodeIdSchema, theatreNoSchema, utcMsSchema } from '../ids.ts';
import { jsonValueSchema } from '../json.ts';

/** A display, unique within its theatre: "lobby-1", "door-3". Never an auditorium. */
export const screenIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
/** An item, a campaign or a template of a chain. */
export const contentIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/);
/** A SHA-256 as lower-case hex: the name of a media file. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
export type ScreenId = z.infer<typeof screenIdSchema>;
export type Sha256 = z.infer<typeof sha256Schema>;

const name = z.string().min(1).max(80);
const label = z.string().regex(/^[a-z0-9][a-z0-9-]{0,23}$/);
const labels = z.array(label).max(16);
const auditoriums = z.array(z.string().max(16)).max(32);
/** Local time of day, "00:00" to "23:59". */
const timeOfDay = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/);
const localDate = z.iso.date();

export const screenKindSchema = z.enum([
  'lobby',
  'box-office',
  'menu',
  'door',
  'poster',
  'corridor',
]);

/** One display. Row key: screenId. */
export const screenRowSchema = z.object({
  screenId: screenIdSchema,
  name,
  kind: screenKindSchema,
  /** The box (a node with the role screen) that drives it. */
  nodeId: nodeIdSchema,
  /** The auditorium that it stands at; null for a screen of the whole house. */
  auditorium: z.string().max(16).nullable(),
  groups: labels,
  tags: labels,
  widthPx: z.int().min(64).max(8192),
  heightPx: z.int().min(64).max(8192),
  /** `standby`: dark on purpose. An emergency overrides it. */
  mode: z.enum(['normal', 'standby']),
});
export type Screen = z.infer<typeof screenRowSchema>;

/** What the screens of a theatre have in common. Row key: theatreNo. */
export const signageRowSchema = z.object({
  theatreNo: theatreNoSchema,
  brand: z.object({
    name,
    /** Two colours as #rrggbb: ground and accent. */
    ground: z.string().regex(/^#[0-9a-f]{6}$/),
    accent: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  /** Minutes after the advertised start that the feature begins: trailers run until then. */
  featureAfterStartMin: z.int().min(0).max(60),
  /** Minutes before the feature that a door sign says "last call". */
  lastCallBeforeFeatureMin: z.int().min(0).max(60),
  /** Minutes after the end that a door sign says "cleaning". */
  cleaningMin: z.int().min(0).max(120),
});
export type Signage = z.infer<typeof signageRowSchema>;

/** A file of the same picture or film, made for a size. */
const renditionSchema = z.object({
  sha256: sha256Schema,
  mime: z.string().max(40),
  sizeBytes: z.int().min(1).max(2_147_483_647),
  widthPx: z.int().min(1).max(16_384),
  heightPx: z.int().min(1).max(16_384),
});

/** A file that screens show. Row key: the original's sha256. */
export const mediaRowSchema = z.object({
  sha256: sha256Schema,
  name,
  kind: z.enum(['image', 'video', 'template']),
  mime: z.string().max(40),
  sizeBytes: z.int().min(1).max(2_147_483_647),
  /** 0 for a template. */
  widthPx: z.int().min(0).max(16_384),
  heightPx: z.int().min(0).max(16_384),
  /** Of a video; null otherwise. */
  durationMs: z.int().min(1).max(86_400_000).nullable(),
  /** An image's 16 x 9 grid of luminances, hex, two digits each: what a screen must look like. */
  thumbprint: z
    .string()
    .regex(/^[0-9a-f]{288}$/)
    .nullable(),
  /** Smaller versions; a screen takes the smallest that covers it, else the original. */
  renditions: z.array(renditionSchema).max(6),
});
export type Media = z.infer<typeof mediaRowSchema>;

/** The boards that every player can draw; a chain's own are media of the kind `template`. */
export const boardSchema = z.enum([
  'showtimes',
  'door',
  'wayfinding',
  'queue',
  'menu',
  'promotion',
  'countdown',
]);
export type Board = z.infer<typeof boardSchema>;

/** One thing that can be shown. Row key: itemId. */
export const itemRowSchema = z.object({
  itemId: contentIdSchema,
  name,
  /** A picture or film by its original's sha256, a board by name, or a chain's own template. */
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('media'), sha256: sha256Schema }),
    z.object({ kind: z.literal('board'), board: boardSchema }),
    z.object({ kind: z.literal('template'), sha256: sha256Schema }),
  ]),
  /** What a board is told beside the live data: a menu's lines, a headline; at most 2,000 chars. */
  data: z.record(z.string().max(32), jsonValueSchema),
  /** How long it is on; a video without its own is cut to it. */
  durationMs: z.int().min(1000).max(3_600_000),
  /** For reports, and so that competitors are kept apart; null for the house's own. */
  advertiser: z.string().max(48).nullable(),
  /** Two promotions of one category are kept apart by `separationS` of their campaigns. */
  category: label.nullable(),
  /** The youngest age that a film's rating must ask for; unknown films do not qualify. */
  minAge: z.int().min(0).max(21),
  /** Local hours in which the law lets it be shown; null: always. */
  legalHours: z.object({ from: timeOfDay, to: timeOfDay }).nullable(),
});
export type Item = z.infer<typeof itemRowSchema>;

/** A moment of a show: its delay is in all of them. */
const momentSchema = z.object({
  of: z.enum(['doors-open', 'start', 'feature', 'end', 'doors-close']),
  /** Negative is before it. */
  offsetMin: z.int().min(-1440).max(1440),
});

const conditionSchema = z.object({
  /**
   * Of the show of the auditorium where the screen stands, else of the house. Shares: 0 to 1.
   */
  metric: z.enum(['admitted-share', 'sold-share', 'seats-left', 'waiting', 'delay-min']),
  is: z.enum(['at-least', 'at-most']),
  value: z.number().min(0).max(100_000),
  /** Live state that is older says nothing: the condition fails. */
  maxAgeS: z.int().min(1).max(86_400),
});

/** Items, the screens that they are for, and when. Row key: campaignId. */
export const campaignRowSchema = z.object({
  campaignId: contentIdSchema,
  name,
  status: z.enum(['active', 'paused']),
  /** Played in this order, one after the other as the campaign gets its turns. */
  items: z.array(contentIdSchema).min(1).max(16),
  /** `promotion`: an ad decision chooses among those that are eligible at that moment. */
  slot: z.enum(['loop', 'promotion']),
  /** A screen that is in any of these; all empty: every screen. */
  target: z.object({
    screens: z.array(screenIdSchema).max(32),
    kinds: z.array(screenKindSchema).max(8),
    groups: labels,
    tags: labels,
  }),
  /** While campaigns of a higher priority are on, lower ones are not. */
  priority: z.int().min(0).max(100),
  /** Share of voice among those of the same priority. */
  weight: z.int().min(1).max(1000),
  /** First and last local day; null is open. */
  dates: z.object({ from: localDate.nullable(), to: localDate.nullable() }),
  /** ISO weekdays, 1 is Monday; empty: every day. A daypart after midnight is of its first day. */
  weekdays: z.array(z.int().min(1).max(7)).max(7),
  /** Local times of day; `to` before `from` goes on after midnight; empty: all day. */
  dayparts: z.array(z.object({ from: timeOfDay, to: timeOfDay })).max(8),
  /** Relative to shows; null: whatever is on. */
  shows: z
    .object({
      from: momentSchema,
      to: momentSchema,
      /** Empty: the screen's own auditorium, or any where it has none. */
      auditoriums,
      /** Empty: any film. */
      films: z.array(z.string().max(36)).max(16),
    })
    .nullable(),
  /** All must hold. */
  conditions: z.array(conditionSchema).max(4),
  /** Played instead where only a condition fails; null: nothing. */
  fallbackItem: contentIdSchema.nullable(),
  /** Plays an hour on one screen; null: no cap. */
  capPerHour: z.int().min(1).max(3600).nullable(),
  /** Seconds between the end of one item of a category and the start of the next of it. */
  separationS: z.int().min(0).max(3600),
});
export type Campaign = z.infer<typeof campaignRowSchema>;

/** An override of screens: people must leave, or be told something at once. */
export const emergencySchema = z.object({
  emergencyId: z.uuid(),
  active: z.boolean(),
  kind: z.enum(['evacuate', 'shelter', 'message']),
  /** What the screens say, in the words of whoever raised it; "" for the kind's own words. */
  text: z.string().max(200),
  /** Empty: all. */
  screens: z.array(screenIdSchema).max(64),
  /** Where it came from: the name of an operator's role, or of a contact. */
  by: z.string().max(48),
  atMs: utcMsSchema,
});
export type Emergency = z.infer<typeof emergencySchema>;
