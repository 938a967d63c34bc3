import { z } from 'zod';
import { showNoSchema, utcMsSchema } from '../ids.ts';
import { itemRowSchema, screenRowSchema, signageRowSchema, type Board } from './content.ts';

/*
 * What a board draws: made by the schedule, drawn by the page, and given to a chain's own template.
 */

/** Where a show is in its course, as the sign at its door tells it. */
export const doorPhaseSchema = z.enum([
  'next',
  'doors-open',
  'now-seating',
  'last-call',
  'running',
  'cleaning',
  'closed',
]);
export type DoorPhase = z.infer<typeof doorPhaseSchema>;

/** What the sign at an auditorium's door says; null where there is no show. */
export const doorStateSchema = z.object({
  showNo: showNoSchema.nullable(),
  film: z.string().nullable(),
  rating: z.string().nullable(),
  /** With its delay. */
  startsAtMs: utcMsSchema.nullable(),
  /** "20:10" on the house's clocks. */
  startsAt: z.string().nullable(),
  delayMin: z.int().min(0),
  state: doorPhaseSchema,
  /** "Doors open", "Running 10 minutes late"... */
  text: z.string(),
});
export type DoorState = z.infer<typeof doorStateSchema>;

/** How full a show is: `few` from 85 % sold on; `unknown` where nobody told within ten minutes. */
export const availabilitySchema = z.enum(['many', 'few', 'sold-out', 'unknown']);
export type Availability = z.infer<typeof availabilitySchema>;

/** A line of a showtimes board. */
export const showtimesLineSchema = z.object({
  showNo: showNoSchema,
  film: z.string(),
  rating: z.string(),
  auditorium: z.string(),
  auditoriumName: z.string(),
  directions: z.string(),
  /** With its delay. */
  startsAtMs: utcMsSchema,
  /** "20:10" on the house's clocks. */
  startsAt: z.string(),
  delayMin: z.int().min(0),
  state: doorPhaseSchema,
  text: z.string(),
  availability: availabilitySchema,
  seatsLeft: z.int().min(0).nullable(),
});
export type ShowtimesLine = z.infer<typeof showtimesLineSchema>;

/** A gate as a queue board shows it. */
export const queueLineSchema = z.object({
  gate: z.string(),
  /** Whether it admits people: a gate that does not answer is not open. */
  open: z.boolean(),
  /** People who wait; null where nobody counted within two minutes. */
  waiting: z.int().min(0).nullable(),
});
export type QueueLine = z.infer<typeof queueLineSchema>;

/** A hall that is filling: its doors are open and its feature has not begun. */
export const hallLineSchema = z.object({
  auditorium: z.string(),
  auditoriumName: z.string(),
  film: z.string(),
  state: doorPhaseSchema,
  /** People inside, and tickets sold; null where nobody told within ten minutes. */
  admitted: z.int().min(0).nullable(),
  sold: z.int().min(0).nullable(),
  capacity: z.int().min(0),
});
export type HallLine = z.infer<typeof hallLineSchema>;

/** What every board is given. */
const baseShape = {
  brand: signageRowSchema.shape.brand,
  theatre: z.string(),
  screen: screenRowSchema.pick({ screenId: true, name: true, kind: true }),
  nowMs: utcMsSchema,
  /** "19:42" on the house's clocks. */
  clock: z.string(),
  /** What the item carries: a menu's lines, a headline. */
  data: itemRowSchema.shape.data,
};

const queueShape = {
  gates: z.array(queueLineSchema).max(64),
  waiting: z.int().min(0).nullable(),
  /** The gate with the shortest queue among those that are open; null where none is. */
  shortest: z.string().nullable(),
  halls: z.array(hallLineSchema).max(64),
};

const lines = z.array(showtimesLineSchema).max(64);

/** All that boards have, for a template of a chain. */
export const templateDataSchema = z.object({
  ...baseShape,
  board: z.literal('template'),
  shows: lines,
  /** Of the auditorium at which the screen stands; null for a screen of the whole house. */
  door: doorStateSchema.nullable(),
  ...queueShape,
});

/**
 * What a template draws, by `board`. It is plain JSON, made anew for each second that it is asked
 * for; every text is ready to be shown.
 */
export const boardDataSchema = z.discriminatedUnion('board', [
  z.object({ ...baseShape, board: z.literal('showtimes'), shows: lines }),
  z.object({
    ...baseShape,
    board: z.literal('door'),
    auditorium: z.string(),
    door: doorStateSchema,
  }),
  z.object({ ...baseShape, board: z.literal('wayfinding'), halls: lines }),
  z.object({ ...baseShape, board: z.literal('queue'), ...queueShape }),
  z.object({ ...baseShape, board: z.literal('menu') }),
  z.object({ ...baseShape, board: z.literal('promotion') }),
  z.object({
    ...baseShape,
    board: z.literal('countdown'),
    show: showtimesLineSchema.nullable(),
    /** Until the start, ms; negative after it; null without a show. */
    remainingMs: z.number().nullable(),
  }),
  templateDataSchema,
]);
export type BoardData = z.infer<typeof boardDataSchema>;

/** What the page tells a template of a chain: at once, at each change, and each second. */
export const templateMessageSchema = z.object({
  foyer: z.literal('data'),
  data: templateDataSchema,
});

/** What a template answers: `ready` when it has drawn its first data, `alive` after all further. */
export const templateWordSchema = z.object({ foyer: z.enum(['ready', 'alive']) });

const text = z.string().max(200);
const head = { headline: text.optional() };
const dish = z.strictObject({ name: text, note: text.optional(), price: text.optional() });

/** What an item of each board may carry as its data. */
export const boardItemDataSchemas = {
  showtimes: z.strictObject(head),
  door: z.strictObject({}),
  wayfinding: z.strictObject({
    ...head,
    /** By auditorium; where none is given the words of its directions decide. */
    arrows: z
      .record(
        z.string().max(16),
        z.enum(['ahead', 'ahead-left', 'ahead-right', 'left', 'right', 'back']),
      )
      .optional(),
  }),
  queue: z.strictObject(head),
  menu: z.strictObject({
    ...head,
    sections: z
      .array(z.strictObject({ title: text, lines: z.array(dish).max(8) }))
      .max(4)
      .optional(),
    footer: text.optional(),
  }),
  promotion: z.strictObject({
    ...head,
    over: text.optional(),
    text: text.optional(),
    price: text.optional(),
    small: text.optional(),
  }),
  countdown: z.strictObject(head),
} as const satisfies Record<Board, z.ZodType>;
