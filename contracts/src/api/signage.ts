import { z } from 'zod';
import { showNoSchema, utcMsSchema, uuidSchema } from '../ids.ts';
import { emergencySchema, screenIdSchema, screenRowSchema } from '../signage/content.ts';
import {
  playSchema,
  screenCommandResultSchema,
  screenCommandSchema,
  screenReportSchema,
  signageViewSchema,
} from '../signage/programme.ts';
import type { Operation } from './common.ts';

export const playsRequestSchema = z.object({ plays: z.array(playSchema).min(1).max(200) });
export const playsResultSchema = z.object({
  kept: z.int(),
  known: z.int(),
  /** Of screens that are none of this box's: not kept, and not to be sent again. */
  refused: z.int(),
});

/** A few hundred bytes of JPEG, base64: what the screen shows, small enough to gossip. */
export const screenPictureSchema = z.object({ picture: z.base64().max(3600), atMs: utcMsSchema });
export type ScreenPicture = z.infer<typeof screenPictureSchema>;

/** A screen as any node of the theatre knows it. */
export const screenStateSchema = screenRowSchema.extend({
  report: screenReportSchema.nullable(),
  reportAgeMs: z.int().min(0).nullable(),
  picture: screenPictureSchema.nullable(),
});
export type ScreenState = z.infer<typeof screenStateSchema>;

export const raiseEmergencySchema = emergencySchema.omit({ atMs: true });
export const emergencyStateSchema = z.object({
  emergencies: z.array(
    emergencySchema.extend({
      /** Screens that say that they show it. */
      shownBy: z.array(z.object({ screenId: screenIdSchema, atMs: utcMsSchema })),
    }),
  ),
});

export const delayRequestSchema = z.object({
  showNo: showNoSchema,
  delayMin: z.int().min(0).max(1440),
});
export const queueRequestSchema = z.object({ waiting: z.int().min(0).max(10_000) });
export const commandRequestSchema = screenCommandSchema.omit({ atMs: true });
export const commandStateSchema = z.object({
  command: screenCommandSchema,
  result: screenCommandResultSchema.nullable(),
});
const doneSchema = z.object({ atMs: utcMsSchema });

const screenParams = z.object({ screenId: screenIdSchema });
const commandParams = z.object({ commandId: uuidSchema });

/** Screens, on the local API of every node. */
export const signageOperations = {
  signage: {
    method: 'get',
    path: '/v1/signage',
    summary: 'The programme of the screens and the live state, as this node knows them.',
    response: signageViewSchema,
    status: 200,
    errors: [],
  },
  plays: {
    method: 'post',
    path: '/v1/plays',
    summary: 'Keep starts and ends of plays. Idempotent by playId.',
    body: playsRequestSchema,
    response: playsResultSchema,
    status: 200,
    errors: ['not-found', 'disk-full'],
  },
  screens: {
    method: 'get',
    path: '/v1/screens',
    summary: 'Every screen of the theatre, with what it says of itself.',
    response: z.object({ screens: z.array(screenStateSchema) }),
    status: 200,
    errors: [],
  },
  reportScreen: {
    method: 'put',
    path: '/v1/screens/:screenId/report',
    summary: 'What a screen of this box says of itself; gossiped to all.',
    params: screenParams,
    body: screenReportSchema,
    response: doneSchema,
    status: 200,
    errors: ['not-found'],
  },
  pictureScreen: {
    method: 'put',
    path: '/v1/screens/:screenId/picture',
    summary: 'What a screen of this box shows, as a small picture; gossiped to all.',
    params: screenParams,
    body: screenPictureSchema,
    response: doneSchema,
    status: 200,
    errors: ['not-found'],
  },
  raiseEmergency: {
    method: 'post',
    path: '/v1/emergency',
    summary: 'Raise an emergency on screens, or end it. Idempotent by emergencyId and active.',
    body: raiseEmergencySchema,
    response: emergencySchema,
    status: 200,
    errors: ['disk-full'],
  },
  emergency: {
    method: 'get',
    path: '/v1/emergency',
    summary: 'Active emergencies, and which screens show them.',
    response: emergencyStateSchema,
    status: 200,
    errors: [],
  },
  delay: {
    method: 'post',
    path: '/v1/delays',
    summary: 'Tell the house that a show starts late; 0 ends it. Needs no cloud.',
    body: delayRequestSchema,
    response: doneSchema,
    status: 200,
    errors: ['not-found'],
  },
  queue: {
    method: 'post',
    path: '/v1/queue',
    summary: 'How many people wait at this gate, as a counter of this box sees it.',
    body: queueRequestSchema,
    response: doneSchema,
    status: 200,
    errors: [],
  },
  sendCommand: {
    method: 'post',
    path: '/v1/commands',
    summary: 'Send a command to a screen, wherever its box is.',
    body: commandRequestSchema,
    response: screenCommandSchema,
    status: 200,
    errors: ['not-found', 'link-down', 'identity-refused'],
  },
  command: {
    method: 'get',
    path: '/v1/commands/:commandId',
    summary: 'A command that was sent from this node, and its answer once there is one.',
    params: commandParams,
    response: commandStateSchema,
    status: 200,
    errors: ['not-found'],
  },
  commandResult: {
    method: 'post',
    path: '/v1/commands/:commandId/result',
    summary: 'The answer of a screen of this box, for the node that asked.',
    params: commandParams,
    body: screenCommandResultSchema,
    response: doneSchema,
    status: 200,
    errors: ['not-found', 'link-down'],
  },
} as const satisfies Record<string, Operation>;

/** More names on `GET /v1/events`. `signage`: read the programme anew, it has this hash now. */
export const signageEventSchemas = {
  signage: z.object({ hash: z.string() }),
  live: signageViewSchema.shape.live,
  command: screenCommandSchema,
} as const;
