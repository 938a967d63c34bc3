import { z } from 'zod';
import {
  nodeIdSchema,
  rightSchema,
  seqSchema,
  theatreNoSchema,
  utcMsSchema,
  uuidSchema,
} from '../ids.ts';
import { feedNameSchema, filmRowSchema, roleSchema, showRowSchema } from '../feed/rows.ts';
import { laneSchema } from '../outbox/events.ts';
import { verdictSchema } from '../verdict.ts';
import type { Operation } from './common.ts';
import { signageEventSchemas, signageOperations } from './signage.ts';

/** The text that a scanner read. The same scanId gets the same verdict again. */
export const scanRequestSchema = z.object({
  scanId: uuidSchema,
  text: z.string().max(4096),
  /** Look at the ticket without admitting. */
  peek: z.boolean().default(false),
  /** A steward admits in spite of an amber `claimed-elsewhere` or `strict-offline`. */
  override: z.boolean().default(false),
});
export type ScanRequest = z.input<typeof scanRequestSchema>;

/** What the turnstile did after a green. */
export const passageRequestSchema = z.object({
  scanId: uuidSchema,
  outcome: z.enum(['turned', 'did-not-turn', 'exit']),
});

/** Undo an admission, by the scan that made it. */
export const annulmentRequestSchema = z.object({ scanId: uuidSchema, reason: z.string().max(200) });

export const reversalResultSchema = z.object({ right: rightSchema.nullable(), atMs: utcMsSchema });

export const localShowSchema = showRowSchema.extend({
  film: filmRowSchema.nullable(),
  auditoriumName: z.string(),
  tickets: z.int(),
  admitted: z.int(),
});

/** The state of a node, for its page, the console and scripts. */
export const statusSchema = z.object({
  node: nodeIdSchema,
  role: roleSchema,
  theatreNo: theatreNoSchema,
  version: z.string(),
  boot: z.int(),
  incarnation: z.string(),
  uptimeMs: z.int(),
  wallMs: utcMsSchema,
  clockAgreed: z.boolean(),
  upstream: z.object({
    kind: z.enum(['cloud', 'theatre', 'peer', 'none']),
    node: nodeIdSchema.nullable(),
    connected: z.boolean(),
    lastHeardAgoMs: z.int().nullable(),
  }),
  feeds: z.array(
    z.object({
      feed: feedNameSchema,
      epoch: uuidSchema.nullable(),
      cursor: seqSchema,
      head: seqSchema,
      rows: z.int(),
      /** Since it was last in step with the cloud, by its upstream's word; null: it never was. */
      ageMs: z.int().nullable(),
    }),
  ),
  /** Own events by lane: written, acknowledged by the upstream, durable in the cloud. */
  lanes: z.array(
    z.object({ lane: laneSchema, head: seqSchema, acked: seqSchema, durable: seqSchema }),
  ),
  /** Events of other nodes that wait to be relayed. */
  relayQueue: z.int(),
  deadLetters: z.int(),
  recovering: z.boolean(),
  peers: z.array(
    z.object({ node: nodeIdSchema, connected: z.boolean(), lastHeardAgoMs: z.int().nullable() }),
  ),
  counts: z.object({
    greens: z.int(),
    ambers: z.int(),
    reds: z.int(),
    ignored: z.int(),
    degraded: z.int(),
    admitted: z.int(),
    doublesKnown: z.int(),
  }),
});
export type Status = z.infer<typeof statusSchema>;

/** `GET /v1/events`: each SSE message's `event` is the name, its data the object. */
export const localEventSchemas = {
  verdict: verdictSchema,
  status: statusSchema,
  ...signageEventSchemas,
} as const;

export const localOperations = {
  scan: {
    method: 'post',
    path: '/v1/scans',
    summary: 'Decide a scan. Idempotent by scanId.',
    body: scanRequestSchema,
    response: verdictSchema,
    status: 200,
    errors: ['body-too-large', 'disk-full', 'clock-unset', 'gate-closed'],
  },
  passage: {
    method: 'post',
    path: '/v1/passages',
    summary: 'Say what the turnstile did. "did-not-turn" and "exit" open the next entry right.',
    body: passageRequestSchema,
    response: reversalResultSchema,
    status: 200,
    errors: ['not-found', 'disk-full'],
  },
  annul: {
    method: 'post',
    path: '/v1/annulments',
    summary: 'Undo an admission made at this gate.',
    body: annulmentRequestSchema,
    response: reversalResultSchema,
    status: 200,
    errors: ['not-found', 'disk-full'],
  },
  shows: {
    method: 'get',
    path: '/v1/shows',
    summary: 'The shows of today, with tickets and admissions.',
    response: z.object({ shows: z.array(localShowSchema) }),
    status: 200,
    errors: [],
  },
  status: {
    method: 'get',
    path: '/v1/status',
    summary: 'The state of this node.',
    response: statusSchema,
    status: 200,
    errors: [],
  },
  events: {
    method: 'get',
    path: '/v1/events',
    headers: z.object({ 'last-event-id': z.int().min(0).optional() }),
    summary: 'Verdicts and state as server-sent events; resumable by Last-Event-ID.',
    status: 200,
    mediaType: 'text/event-stream',
    errors: [],
  },
  metrics: {
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus metrics.',
    status: 200,
    mediaType: 'text/plain',
    errors: [],
  },
  health: {
    method: 'get',
    path: '/healthz',
    summary: 'Answers 200 when this node can decide and commit.',
    response: z.object({ ok: z.literal(true) }),
    status: 200,
    errors: ['disk-full'],
  },
  ...signageOperations,
} as const satisfies Record<string, Operation>;
