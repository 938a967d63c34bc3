import { z } from 'zod';
import {
  bookingRefSchema,
  nodeIdSchema,
  showNoSchema,
  theatreNoSchema,
  ticketIdSchema,
  utcMsSchema,
} from '../ids.ts';
import {
  campaignRowSchema,
  itemRowSchema,
  mediaRowSchema,
  screenRowSchema,
  signageRowSchema,
} from '../signage/content.ts';

/** The three feeds of a theatre. A role replicates whole feeds only. */
export const feedNameSchema = z.enum(['house', 'tickets', 'secrets']);
export type FeedName = z.infer<typeof feedNameSchema>;

export const feedsOfRole = {
  theatre: ['house', 'tickets', 'secrets'],
  gate: ['house', 'tickets', 'secrets'],
  screen: ['house'],
} as const satisfies Record<string, readonly FeedName[]>;

export const roleSchema = z.enum(['theatre', 'gate', 'screen']);
export type Role = z.infer<typeof roleSchema>;

const text = z.string().max(120);

/** How one class of ticket is admitted. */
const classPolicySchema = z.object({
  /** `strict`: without two votes the guest is sent on (amber) instead of a flagged green. */
  mode: z.enum(['open', 'strict']),
});

export const theatreRowSchema = z.object({
  theatreNo: theatreNoSchema,
  name: text,
  /** IANA zone, for people. */
  timeZone: z.string().max(64),
  currency: z.string().length(3),
  /** Minutes before the start that doors open, and after the start that they close. */
  doorsOpenBeforeMin: z.int().min(0).max(1440),
  doorsCloseAfterMin: z.int().min(0).max(1440),
  /** Data older than this flags a green as `stale-data`. */
  staleAfterMin: z.int().min(1).max(10_080),
  /** By ticket class; `default` is used for a class that is not listed. */
  classes: z.record(z.string().max(24), classPolicySchema),
});

export const auditoriumRowSchema = z.object({
  auditorium: z.string().max(16),
  name: text,
  /** How to get there, for the guest: "on your left". */
  directions: text,
  capacity: z.int().min(0).max(10_000),
});

export const filmRowSchema = z.object({
  filmId: z.string().max(36),
  title: text,
  runtimeMin: z.int().min(1).max(1440),
  /** A board's name for it: "12A", "FSK 16"; `minAge` above 0 asks staff to check. */
  rating: z.string().max(12),
  minAge: z.int().min(0).max(21),
});

export const showRowSchema = z.object({
  showNo: showNoSchema,
  filmId: z.string().max(36),
  auditorium: z.string().max(16),
  startsAtMs: utcMsSchema,
  /** Added to the start by staff; doors move with it. */
  delayMin: z.int().min(0).max(1440),
  status: z.enum(['scheduled', 'cancelled']),
  /** The configuration that this show's rights are claimed under. */
  configEpoch: z.int().min(1),
});

export const nodeRowSchema = z.object({
  nodeId: nodeIdSchema,
  role: roleSchema,
  name: text,
  /** Auditoriums that a gate serves; empty means all. */
  auditoriums: z.array(z.string().max(16)).max(64),
  status: z.enum(['active', 'revoked', 'dead']),
  /** A hint where to dial it: `wss://host:port`. Identity is the certificate. */
  meshUrl: z.string().max(200).nullable(),
});

/** A list of the nodes whose votes count. Row key: the number. */
export const configEpochRowSchema = z.object({
  configEpoch: z.int().min(1),
  /** Gates, and the theatre agent where there are fewer than three. */
  admissionNodes: z.array(nodeIdSchema).min(1).max(64),
});

/** A public key that verifies ticket codes. Row key: the key id. */
export const keyRowSchema = z.object({
  keyId: z.int().min(0).max(255),
  /** Raw Ed25519 public key, base64url. */
  publicKey: z.string().length(43),
  status: z.enum(['active', 'retired', 'revoked']),
});

export const ticketStatusSchema = z.enum(['valid', 'cancelled', 'refunded', 'unpaid', 'blocked']);
export type TicketStatus = z.infer<typeof ticketStatusSchema>;

/** One seat of one booking. No name, no contact: a reference only. */
export const ticketRowSchema = z.object({
  ticketId: ticketIdSchema,
  bookingRef: bookingRefSchema,
  showNo: showNoSchema,
  seat: z.string().max(12),
  ticketClass: z.string().max(24),
  status: ticketStatusSchema,
  priceMinor: z.int().min(0),
});

/** Key of a show's rotating codes: 32 bytes, base64url. */
export const showKeyRowSchema = z.object({ showNo: showNoSchema, key: z.string().length(43) });

/**
 * Every table of every feed. `key` names the column that is the row's key, `group` the column whose
 * value the row is counted under in digests (a show, or nothing).
 */
export const feedTables = {
  theatre: { feed: 'house', key: 'theatreNo', group: null, schema: theatreRowSchema },
  auditorium: { feed: 'house', key: 'auditorium', group: null, schema: auditoriumRowSchema },
  film: { feed: 'house', key: 'filmId', group: null, schema: filmRowSchema },
  show: { feed: 'house', key: 'showNo', group: null, schema: showRowSchema },
  node: { feed: 'house', key: 'nodeId', group: null, schema: nodeRowSchema },
  'config-epoch': {
    feed: 'house',
    key: 'configEpoch',
    group: null,
    schema: configEpochRowSchema,
  },
  key: { feed: 'house', key: 'keyId', group: null, schema: keyRowSchema },
  signage: { feed: 'house', key: 'theatreNo', group: null, schema: signageRowSchema },
  screen: { feed: 'house', key: 'screenId', group: null, schema: screenRowSchema },
  media: { feed: 'house', key: 'sha256', group: null, schema: mediaRowSchema },
  item: { feed: 'house', key: 'itemId', group: null, schema: itemRowSchema },
  campaign: { feed: 'house', key: 'campaignId', group: null, schema: campaignRowSchema },
  ticket: { feed: 'tickets', key: 'ticketId', group: 'showNo', schema: ticketRowSchema },
  'show-key': { feed: 'secrets', key: 'showNo', group: null, schema: showKeyRowSchema },
} as const;

export type FeedTable = keyof typeof feedTables;
export type FeedRow<T extends FeedTable> = z.infer<(typeof feedTables)[T]['schema']>;

/** The names of a table's columns, in the order that its rows are encoded in. */
export function columnsOf(table: FeedTable): string[] {
  return Object.keys(feedTables[table].schema.shape);
}
