import { isFoyerError, type Ack, type EventBody, type Lane, type Push } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

import { judgeEvent } from '../domain/event-claims.ts';
import { laneText, parseEventBody, type LaneKey } from '../domain/outbox-chain.ts';
import { decidePush, type AcceptedEvent } from '../domain/outbox-receive.ts';
import { reasonOfCode, type RefusalReason } from '../domain/refusals.ts';
import type { EventStore, LaneState } from './event-store.ts';
import { splitLane } from './split-lane.ts';

/** Where an event comes from: the node that wrote it, whoever relayed it. */
export interface EventOrigin {
  node: string;
  incarnation: string;
  lane: Lane;
}

export interface ReceivedEvent {
  eventId: string;
  seq: number;
  body: EventBody;
}

/** An answer of the hook: this event will never be accepted. */
export interface RejectAnswer {
  code: string;
  message: string;
}

/**
 * Applies an event's effect, inside the transaction that advances its lane. What it throws rolls
 * the transaction back and the event is sent again; a reject is recorded and does not block.
 */
export type ApplyEvent = (origin: EventOrigin, event: ReceivedEvent) => RejectAnswer | void;

/** Pushes that arrived before what they follow, kept for a moment; of each lane so many. */
const maxEarly = 8;
const maxEarlyLanes = 64;

export interface Received {
  ack: Ack;
  accepted: number;
  forked: boolean;
}

interface Taken {
  kind: 'accept' | 'gap' | 'fork';
  lane: LaneState;
  accepted: number;
  checked: number | null;
}

/** Takes pushes in: effect and position in one transaction, then the acknowledgement. */
export class OutboxReceiver {
  readonly #journal: Journal;
  readonly #events: EventStore;
  readonly #apply: ApplyEvent;
  readonly #rejected: (node: string, reason: RefusalReason) => void;
  readonly #early = new Map<string, Map<number, Push>>();

  /** @param rejected is told of events without effect, and of ids that another node's event has */
  constructor(
    journal: Journal,
    events: EventStore,
    apply: ApplyEvent,
    rejected: (node: string, reason: RefusalReason) => void,
  ) {
    this.#journal = journal;
    this.#events = events;
    this.#apply = apply;
    this.#rejected = rejected;
  }

  /**
   * Throws what the hook or the journal throws; then nothing was applied.
   * @param mayPart whether a chain other than the lane's is kept beside it
   */
  receive(push: Push, mayPart: boolean): Received {
    let result = this.#take(push, mayPart);
    if (result.kind === 'gap') this.#keepEarly(push);
    let accepted = result.accepted;
    while (result.kind === 'accept') {
      const next = this.#early.get(laneText(push))?.get(result.lane.lastSeq);
      if (next === undefined) break;
      this.#dropEarly(next);
      result = this.#take(next, mayPart);
      accepted += result.accepted;
    }
    const { lane } = result;
    const forked = result.kind === 'fork';
    // What came early and was joined now is no part of what this push showed.
    const checked = { from: push.since, to: Math.min(result.checked ?? 0, pushEnd(push)) };
    const known = result.checked === null ? { ...checked, to: null } : checked;
    const ack = { ...this.ack(lane, Math.min(push.since, lane.lastSeq)), forked, checked: known };
    return { ack, accepted, forked };
  }

  /** What is committed of a lane, with the rejects after `since`. */
  ack(lane: LaneState, since: number): Ack {
    return {
      type: 'ack',
      node: lane.node,
      incarnation: lane.incarnation,
      lane: lane.lane,
      lastSeq: lane.lastSeq,
      durableSeq: Math.min(lane.durableSeq, lane.lastSeq),
      forked: false,
      rejects: this.#events.rejects(lane, since, lane.lastSeq),
    };
  }

  #take(push: Push, mayPart: boolean): Taken {
    const known = this.#events.lane(push) ?? emptyLane(push);
    const head = { ...known, closed: known.forked };
    const decision = decidePush(push, head, (seq) => this.#events.hashAt(known, seq));
    const { kind, checked } = decision;
    if (decision.kind === 'gap') return { kind, lane: known, accepted: 0, checked };
    if (decision.kind === 'fork') {
      if (mayPart && decision.differs && checked !== null) {
        splitLane(this.#journal, this.#events, known, checked + 1);
      }
      const lane = this.#events.laneById(known.id) ?? known;
      return { kind, lane, accepted: 0, checked };
    }
    const nothing = decision.events.length === 0;
    if (nothing && decision.skippedTo === null) return { kind, lane: known, accepted: 0, checked };
    return this.#journal.transaction(() => {
      const lane = this.#events.openLane(push);
      if (decision.skippedTo !== null) this.#events.skipTo(lane, push);
      for (const event of decision.events) this.#accept(lane, event);
      const moved = this.#events.laneById(lane.id) ?? lane;
      return { kind, lane: moved, accepted: decision.events.length, checked };
    });
  }

  #accept(lane: LaneState, event: AcceptedEvent): void {
    const { seq, eventId } = event;
    const holders = this.#events.nodesOf(eventId);
    const repeated = holders.includes(lane.node);
    this.#events.insert(lane, event);
    if (repeated) return;
    // Ids count per node, so that taking another's suppresses nothing.
    if (holders.length > 0) this.#rejected(lane.node, 'event-id-taken');
    const reject = this.#effect(lane, event);
    if (reject === null) return;
    const { code, message } = reject;
    this.#rejected(lane.node, reasonOfCode(code));
    this.#events.reject(lane, {
      seq,
      eventId,
      code: code.slice(0, 40),
      message: message.slice(0, 200),
    });
  }

  #effect(lane: LaneState, event: AcceptedEvent): RejectAnswer | null {
    let body: EventBody;
    try {
      body = parseEventBody(event);
    } catch (error) {
      if (!isFoyerError(error)) throw error;
      return { code: error.code, message: error.message };
    }
    const { node, incarnation, lane: name } = lane;
    const { seq, eventId } = event;
    const fault = judgeEvent({ node, lane: name, theatreNo: null }, body);
    if (fault !== null) return fault;
    return this.#apply({ node, incarnation, lane: name }, { seq, eventId, body }) ?? null;
  }

  #keepEarly(push: Push): void {
    if (push.events.length === 0) return;
    const name = laneText(push);
    let early = this.#early.get(name);
    if (early === undefined) {
      if (this.#early.size >= maxEarlyLanes) this.#early.clear();
      early = new Map();
      this.#early.set(name, early);
    }
    if (early.size < maxEarly) early.set(push.since, push);
  }

  #dropEarly(push: Push): void {
    const early = this.#early.get(laneText(push));
    early?.delete(push.since);
    if (early?.size === 0) this.#early.delete(laneText(push));
  }
}

function pushEnd({ since, events }: Push): number {
  return since + events.length;
}

function emptyLane(key: LaneKey): LaneState {
  const { node, incarnation, lane } = key;
  const nothing = '0'.repeat(32);
  return {
    id: 0,
    node,
    incarnation,
    lane,
    firstSeq: 1,
    baseHash: nothing,
    lastSeq: 0,
    lastHash: nothing,
    durableSeq: 0,
    forked: false,
    touchedMs: 0,
  };
}
