import { z } from 'zod';
import { theatreNoSchema, uuidSchema } from '../ids.ts';
import {
  emergencyEventSchema,
  emergencyShownEventSchema,
  playEventSchema,
  screenFaultEventSchema,
} from '../outbox/events.ts';
import {
  campaignRowSchema,
  contentIdSchema,
  itemRowSchema,
  mediaRowSchema,
  screenRowSchema,
  sha256Schema,
  signageRowSchema,
} from '../signage/content.ts';
import type { Operation } from './common.ts';

const theatre = z.object({ theatreNo: z.coerce.number().pipe(theatreNoSchema) });
const media = theatre.extend({ sha256: sha256Schema });
const item = theatre.extend({ itemId: contentIdSchema });
const campaign = theatre.extend({ campaignId: contentIdSchema });
const page = z.object({
  after: uuidSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
const removedSchema = z.object({ removed: z.boolean() });

export const screensInputSchema = z.object({ screens: z.array(screenRowSchema).max(256) });

/** All that the screens of a theatre are made of. */
export const contentSchema = z.object({
  signage: signageRowSchema.nullable(),
  screens: z.array(screenRowSchema),
  media: z.array(mediaRowSchema),
  items: z.array(itemRowSchema),
  campaigns: z.array(campaignRowSchema),
});
export type Content = z.infer<typeof contentSchema>;

export const playListSchema = z.object({
  plays: z.array(playEventSchema.extend({ eventId: uuidSchema, sealed: z.boolean() })),
  next: uuidSchema.nullable(),
});
export const screenLogSchema = z.object({
  faults: z.array(screenFaultEventSchema.extend({ eventId: uuidSchema })),
  emergencies: z.array(
    z.discriminatedUnion('kind', [
      emergencyEventSchema.extend({ eventId: uuidSchema }),
      emergencyShownEventSchema.extend({ eventId: uuidSchema }),
    ]),
  ),
});

/** Content of screens: everything but reading a file needs the operator's API key. */
export const contentOperations = {
  content: {
    method: 'get',
    path: '/v1/theatres/:theatreNo/content',
    summary: 'Screens, media, items and campaigns of a theatre.',
    params: theatre,
    response: contentSchema,
    status: 200,
    errors: ['unauthorised', 'not-found'],
  },
  putSignage: {
    method: 'put',
    path: '/v1/theatres/:theatreNo/signage',
    summary: 'Set what the screens have in common: brand and times.',
    params: theatre,
    body: signageRowSchema,
    response: signageRowSchema,
    status: 200,
    errors: ['unauthorised', 'not-found'],
  },
  putScreens: {
    method: 'put',
    path: '/v1/theatres/:theatreNo/screens',
    summary: 'Set the screens of a theatre; those that are not listed are removed.',
    params: theatre,
    body: screensInputSchema,
    response: screensInputSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'wrong-state'],
  },
  putMedia: {
    method: 'put',
    path: '/v1/theatres/:theatreNo/media/:sha256',
    summary: 'Upload a file; it is checked, and prepared for the sizes of the screens.',
    params: media,
    query: z.object({ name: z.string().min(1).max(80) }),
    response: mediaRowSchema,
    status: 200,
    errors: [
      'unauthorised',
      'not-found',
      'wrong-state',
      'image-unreadable',
      'image-too-large',
      'body-too-large',
      'queue-full',
      'disk-full',
      'dependency-missing',
    ],
  },
  media: {
    method: 'get',
    path: '/v1/media/:sha256',
    summary: 'A file by its SHA-256, ranges included; it never changes.',
    params: z.object({ sha256: sha256Schema }),
    status: 200,
    mediaType: 'application/octet-stream',
    errors: ['not-found'],
  },
  removeMedia: {
    method: 'delete',
    path: '/v1/theatres/:theatreNo/media/:sha256',
    summary: 'Remove a file that no item uses.',
    params: media,
    response: removedSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'wrong-state'],
  },
  putItem: {
    method: 'put',
    path: '/v1/theatres/:theatreNo/items/:itemId',
    summary: 'Create or change an item.',
    params: item,
    body: itemRowSchema,
    response: itemRowSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'wrong-state'],
  },
  removeItem: {
    method: 'delete',
    path: '/v1/theatres/:theatreNo/items/:itemId',
    summary: 'Remove an item that no campaign uses.',
    params: item,
    response: removedSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'wrong-state'],
  },
  putCampaign: {
    method: 'put',
    path: '/v1/theatres/:theatreNo/campaigns/:campaignId',
    summary: 'Create or change a campaign.',
    params: campaign,
    body: campaignRowSchema,
    response: campaignRowSchema,
    status: 200,
    errors: ['unauthorised', 'not-found', 'wrong-state'],
  },
  removeCampaign: {
    method: 'delete',
    path: '/v1/theatres/:theatreNo/campaigns/:campaignId',
    summary: 'Remove a campaign.',
    params: campaign,
    response: removedSchema,
    status: 200,
    errors: ['unauthorised', 'not-found'],
  },
  plays: {
    method: 'get',
    path: '/v1/theatres/:theatreNo/plays',
    summary: 'Proof of play, by page.',
    params: theatre,
    query: page,
    response: playListSchema,
    status: 200,
    errors: ['unauthorised', 'not-found'],
  },
  screenLog: {
    method: 'get',
    path: '/v1/theatres/:theatreNo/screen-log',
    summary: 'Faults of screens and emergencies, the newest 500 of each.',
    params: theatre,
    response: screenLogSchema,
    status: 200,
    errors: ['unauthorised', 'not-found'],
  },
} as const satisfies Record<string, Operation>;
