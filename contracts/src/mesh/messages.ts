import { z } from 'zod';
import {
  markSchema,
  nodeIdSchema,
  rightSchema,
  seqSchema,
  showNoSchema,
  utcMsSchema,
  uuidSchema,
} from '../ids.ts';
import { jsonValueSchema } from '../json.ts';
import { feedNameSchema, roleSchema } from '../feed/rows.ts';
import { laneSchema } from '../outbox/events.ts';
import { screenCommandResultSchema, screenCommandSchema } from '../signage/programme.ts';
import { admissionRefSchema } from '../verdict.ts';

/**
 * One try of one gate to win a right. `boot` counts its starts: a start abandons older attempts.
 */
export const attemptSchema = z.object({
  node: nodeIdSchema,
  boot: z.int().min(1),
  n: z.int().min(1),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** First message on a mesh connection, both ways. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  node: nodeIdSchema,
  role: roleSchema,
  boot: z.int().min(1),
  /** Protocol versions that it speaks. */
  oldest: z.int().min(1),
  newest: z.int().min(1),
  wallMs: utcMsSchema,
});

/** So much of a chain's hash is told in a heartbeat, hex digits. */
export const headHashChars = 8;

/** Liveness, clock, and how far a node is: a peer that has more sends what is missing. */
export const heartbeatSchema = z.object({
  type: z.literal('heartbeat'),
  boot: z.int().min(1),
  wallMs: utcMsSchema,
  /** Does not vote: its disk is new and it has not heard from every node of its epoch. */
  recovering: z.boolean(),
  feeds: z
    .array(z.object({ feed: feedNameSchema, epoch: uuidSchema.nullable(), cursor: seqSchema }))
    .max(3),
  /** Last sequence number it holds of each lane of each node, its own included. */
  lanes: z
    .array(
      z.object({
        node: nodeIdSchema,
        incarnation: markSchema,
        lane: laneSchema,
        lastSeq: seqSchema,
        durableSeq: seqSchema,
        /** The first letters of the chain's hash at `lastSeq`: numbers alone show no fork. */
        hash: z.string().length(headHashChars).optional(),
      }),
    )
    .max(256),
  configEpochs: z.array(z.int().min(1)).max(16),
  upstream: z.enum(['cloud', 'theatre', 'peer', 'none']),
  /** The next one comes after so long; without it, after 250 ms. */
  nextMs: z.int().min(1).max(10_000).optional(),
  /**
   * What it numbers its events in. Of its earlier incarnations others may hold more than itself:
   * its disk came back from its past.
   */
  incarnation: markSchema.optional(),
});

/** A claimant asks an elector (or, `witness`, the first reachable node) for its vote. */
export const voteAskSchema = z.object({
  type: z.literal('vote-ask'),
  right: rightSchema,
  showNo: showNoSchema,
  configEpoch: z.int().min(1),
  attempt: attemptSchema,
  witness: z.boolean(),
});

export const voteSchema = z.object({
  type: z.literal('vote'),
  right: rightSchema,
  attempt: attemptSchema,
  answer: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('granted') }),
    /** The vote is another attempt's. */
    z.object({ kind: z.literal('held'), holder: attemptSchema }),
    z.object({ kind: z.literal('admitted'), admission: admissionRefSchema }),
    z.object({ kind: z.literal('wrong-epoch'), configEpoch: z.int().min(0) }),
    z.object({ kind: z.literal('recovering') }),
  ]),
});

/** The holder gives a vote back, after it durably abandoned the attempt. */
export const voteReleaseSchema = z.object({
  type: z.literal('vote-release'),
  right: rightSchema,
  attempt: attemptSchema,
});

/** An elector asks a holder what became of an attempt. */
export const attemptAskSchema = z.object({
  type: z.literal('attempt-ask'),
  right: rightSchema,
  attempt: attemptSchema,
});

/** A node with a new disk asks for another's votes, page by page. Admissions come by push. */
export const recoverAskSchema = z.object({
  type: z.literal('recover-ask'),
  after: z.string().max(64),
});

export const recoverSchema = z.object({
  type: z.literal('recover'),
  after: z.string().max(64),
  /** Null on the last page. */
  nextAfter: z.string().max(64).nullable(),
  votes: z
    .array(
      z.object({
        right: rightSchema,
        showNo: showNoSchema,
        configEpoch: z.int().min(0),
        attempt: attemptSchema,
      }),
    )
    .max(500),
});

/** Last-value gossip: occupancy, gate state, delays, emergency. The higher version wins. */
export const liveStateSchema = z.object({
  type: z.literal('live-state'),
  node: nodeIdSchema,
  topic: z.string().regex(/^[a-z][a-z0-9/-]{0,63}$/),
  version: z.int().min(1),
  atMs: utcMsSchema,
  value: jsonValueSchema,
});

/** For a screen of the receiver's box. */
export const screenCommandMessageSchema = screenCommandSchema.extend({
  type: z.literal('screen-command'),
});

/** The answer, for the node that asked. */
export const screenCommandResultMessageSchema = screenCommandResultSchema.extend({
  type: z.literal('screen-command-result'),
});

export const meshMessageSchemas = [
  helloSchema,
  heartbeatSchema,
  voteAskSchema,
  voteSchema,
  voteReleaseSchema,
  attemptAskSchema,
  recoverAskSchema,
  recoverSchema,
  liveStateSchema,
  screenCommandMessageSchema,
  screenCommandResultMessageSchema,
] as const;

export type Hello = z.infer<typeof helloSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export type VoteAsk = z.infer<typeof voteAskSchema>;
export type Vote = z.infer<typeof voteSchema>;
export type VoteRelease = z.infer<typeof voteReleaseSchema>;
export type AttemptAsk = z.infer<typeof attemptAskSchema>;
export type RecoverAsk = z.infer<typeof recoverAskSchema>;
export type Recover = z.infer<typeof recoverSchema>;
export type LiveState = z.infer<typeof liveStateSchema>;
