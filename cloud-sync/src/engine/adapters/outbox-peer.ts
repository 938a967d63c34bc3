import type { Heartbeat } from '@foyer/contracts';

import { eventsPerPush, OutboxSend } from '../domain/outbox-send.ts';
import { payloadBytesFor, receivedBytesFor } from '../domain/packing.ts';
import type { Channel } from './channel.ts';
import type { EventStore, LaneState } from './event-store.ts';

/** What is known of a peer that events are sent to. */
export interface Receiver {
  channel: Channel;
  send: OutboxSend;
  /** Others' lanes that the peer lacks, and since when: by lane id. */
  lacking: Map<number, { sinceMs: number; waitMs: number }>;
  pumpedMs: number;
  /** When the receiver was last asked where it is: in lanes that moved, in all of them. */
  askedMs: number;
  forgottenMs: number;
  /** How far the peer says that its own lanes are, by lane, and until when that holds. */
  vouched: ReadonlyMap<string, number>;
  vouchedUntilMs: number;
  /** Nothing was to be sent of these lanes, and nothing will be before then. */
  rest: { lanes: readonly LaneState[]; send: number; untilMs: number } | null;
  /** What a heartbeat told that left nothing to do, and what it was compared with. */
  settled: { theirs: Heartbeat['lanes']; ours: readonly LaneState[]; send: number } | null;
}

const lanPatienceMs = 400;
const wanPatienceMs = 2000;
/** A push of small events is compressed about so much; its size is bounded before. */
const maxPushBytes = 256 * 1024;

/**
 * What a node says of its own lanes holds for four of its heartbeats, or until it missed one of
 * those that it makes in quiet.
 */
export const vouchedFor = (nextMs = 0): number => (nextMs <= 250 ? 1000 : 2 * nextMs + 250);

/** A peer that was just connected: nothing is known of it. */
export function newReceiver(channel: Channel, events: EventStore, nowMs: number): Receiver {
  const patienceMs = channel.role === 'cloud' ? wanPatienceMs : lanPatienceMs;
  const maxBytes = Math.min(maxPushBytes, Math.floor(payloadBytesFor(channel.limits) * 0.8));
  const maxEvents = eventsPerPush(receivedBytesFor(channel.limits));
  const source = {
    hashAt: (lane: { id: number }, seq: number) => {
      const state = events.laneById(lane.id);
      return state === undefined ? null : events.hashAt(state, seq);
    },
    events: (lane: { id: number }, since: number, limit: number) =>
      events.events(lane, since, limit),
  };
  return {
    channel,
    send: new OutboxSend({ source, maxBytes, maxEvents, patienceMs }),
    lacking: new Map(),
    pumpedMs: Number.NEGATIVE_INFINITY,
    vouched: new Map(),
    vouchedUntilMs: Number.NEGATIVE_INFINITY,
    settled: null,
    rest: null,
    askedMs: nowMs,
    forgottenMs: nowMs,
  };
}

/** As many events of another chain. */
export function hasOtherHead(
  their: Heartbeat['lanes'][number],
  { lastSeq, lastHash }: LaneState,
): boolean {
  const { hash } = their;
  return hash !== undefined && their.lastSeq === lastSeq && !lastHash.startsWith(hash);
}

/** When the next of others' lanes that a peer lacks is to be relayed. */
export function relayDueMs({ lacking }: Receiver, nowMs: number): number {
  let dueMs = Number.POSITIVE_INFINITY;
  for (const { sinceMs, waitMs } of lacking.values()) {
    if (sinceMs + waitMs > nowMs) dueMs = Math.min(dueMs, sinceMs + waitMs);
  }
  return dueMs;
}
