import {
  contentOperations,
  emergencyStateSchema,
  itemRowSchema,
  liveViewSchema,
  screenIdSchema,
  screenStateSchema,
  showRowSchema,
  signageOperations,
  theatreRowSchema,
  utcMsSchema,
  type Operation,
} from '@foyer/contracts';
import { z } from 'zod';

import { roleSchema } from './config.ts';
import type { Role } from './roles.ts';

const shownScreenSchema = screenStateSchema.extend({
  /** The page of the screen's player at any time: `?at=MS`; null where no player is reached. */
  previewUrl: z.string().nullable(),
  itemName: z.string().nullable(),
  campaignName: z.string().nullable(),
});

/** Everything that the page shows of this moment. */
export const overviewSchema = z.object({
  nowMs: utcMsSchema,
  theatre: theatreRowSchema.pick({ theatreNo: true, name: true, timeZone: true }).nullable(),
  programmeHash: z.string().nullable(),
  screens: z.array(shownScreenSchema),
  emergencies: emergencyStateSchema.shape.emergencies,
  delays: liveViewSchema.shape.delays,
  /** Those of the next hours. */
  shows: z.array(
    showRowSchema
      .pick({ showNo: true, auditorium: true, startsAtMs: true, delayMin: true })
      .extend({ film: z.string() }),
  ),
});
export type Overview = z.infer<typeof overviewSchema>;

const slotSchema = z.object({
  kind: z.enum(['item', 'emergency', 'standby', 'fallback']),
  startMs: utcMsSchema,
  endMs: utcMsSchema,
  item: itemRowSchema.pick({ itemId: true, name: true, content: true }).nullable(),
  campaignId: z.string().nullable(),
  campaignName: z.string().nullable(),
  reason: z.string(),
});

const scheduleSchema = z.object({
  fromMs: utcMsSchema,
  slots: z.array(slotSchema),
  /** What is not on in the first slot, and why. */
  excluded: z.array(
    z.object({
      campaignId: z.string(),
      campaignName: z.string(),
      itemId: z.string().nullable(),
      code: z.string(),
      reason: z.string(),
    }),
  ),
});
export type ScheduleAnswer = z.infer<typeof scheduleSchema>;

/** The program's own operations. */
export const managerOperations = {
  me: {
    method: 'get',
    path: '/v1/me',
    summary: 'Who the token is of, and what it may do.',
    response: z.object({ name: z.string(), role: roleSchema }),
    status: 200,
    errors: ['unauthorised'],
  },
  overview: {
    method: 'get',
    path: '/v1/overview',
    summary: 'Every screen as it is now.',
    response: overviewSchema,
    status: 200,
    errors: ['unauthorised', 'link-down'],
  },
  schedule: {
    method: 'get',
    path: '/v1/schedule',
    summary: 'What a screen shows from a moment on, and why.',
    query: z.object({
      screenId: screenIdSchema,
      /** UTC ms, or a date and time on the theatre's clocks; absent is now. */
      at: z
        .union([z.coerce.number().pipe(utcMsSchema), z.iso.datetime({ local: true })])
        .optional(),
      minutes: z.coerce.number().int().min(1).max(180).default(15),
    }),
    response: scheduleSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'link-down'],
  },
} as const satisfies Record<string, Operation>;

/** An operation of an agent or the cloud that the program passes on, and who may ask for it. */
export interface Passage {
  readonly operation: Operation;
  readonly to: 'agent' | 'cloud';
  readonly role: Role;
}

const agent = (role: Role, operation: Operation): Passage => ({ operation, to: 'agent', role });
const cloud = (role: Role, operation: Operation): Passage => ({ operation, to: 'cloud', role });

/** A viewer reads, an editor changes content, an operator commands and raises emergencies. */
export const passages: Readonly<Record<string, Passage>> = {
  command: agent('viewer', signageOperations.command),
  content: cloud('viewer', contentOperations.content),
  media: cloud('viewer', contentOperations.media),
  plays: cloud('viewer', contentOperations.plays),
  screenLog: cloud('viewer', contentOperations.screenLog),
  putItem: cloud('editor', contentOperations.putItem),
  removeItem: cloud('editor', contentOperations.removeItem),
  putCampaign: cloud('editor', contentOperations.putCampaign),
  removeCampaign: cloud('editor', contentOperations.removeCampaign),
  putMedia: cloud('editor', contentOperations.putMedia),
  removeMedia: cloud('editor', contentOperations.removeMedia),
  raiseEmergency: agent('operator', signageOperations.raiseEmergency),
  delay: agent('operator', signageOperations.delay),
  sendCommand: agent('operator', signageOperations.sendCommand),
};
