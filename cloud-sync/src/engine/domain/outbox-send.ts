import type { Ack, Lane, OutboxEvent, Push } from '@foyer/contracts';

import { laneText } from './outbox-chain.ts';

/** A lane as the sender finds it in its store. */
export interface SendLane {
  id: number;
  node: string;
  incarnation: string;
  lane: Lane;
  firstSeq: number;
  lastSeq: number;
  lastHash: string;
}

/** The store, as sending uses it. */
export interface SendSource {
  hashAt(lane: SendLane, seq: number): string | null;
  events(lane: SendLane, since: number, limit: number): readonly OutboxEvent[];
}

export interface SendOptions {
  source: SendSource;
  /** Bytes of events that fit a payload, before compression. */
  maxBytes: number;
  /** Events whose acknowledgement, should all be refused, is as large as reaches this node. */
  maxEvents?: number;
  /** How long an acknowledgement is waited for at first, milliseconds. */
  patienceMs: number;
}

/** What is known of how far the receiver is with one lane. */
interface Position {
  acked: number;
  sent: number;
  /** Up to here the receiver holds our very events: it checked their chain. */
  verified: number;
  /** Where pushes ended that it was sent: an acknowledgement of just that answers one of them. */
  ends: Set<number>;
  /** Events up to `sent` were sent by then, or asked about; 0 when nothing is awaited. */
  deadlineMs: number;
  failures: number;
  /** Acknowledgements of less than before: late ones, or the receiver was restored. */
  suspect: number | null;
  /**
   * The receiver has another chain: events are sent from here, one push at a time, until it is
   * known after which of them the two part; null: nothing of that kind is known.
   */
  tracedTo: number | null;
  /** It is known: after this one. The lane is to be split there. */
  partsAfter: number | null;
  /** Nothing is known yet: the receiver was asked where it is. */
  asked: boolean;
}

/** Events under way to a receiver in one lane. */
const maxWindow = 1000;
const maxEventsPerPush = 200;
/** A refused event in an acknowledgement, and what is beside them, in bytes of JSON. */
const rejectBytes = 340;
const ackOverheadBytes = 300;
const longestPatienceMs = 30_000;

/** What a push carries beside its events, in bytes of JSON. */
const pushOverheadBytes = 400;
const eventOverheadBytes = 90;

/**
 * Sends lanes to one receiver: a window of events, again when no acknowledgement came, from further
 * back when the receiver's position went back. All of it is learned anew after a restart.
 */
export class OutboxSend {
  readonly #options: SendOptions;
  readonly #positions = new Map<string, Position>();
  #version = 0;
  /** Lanes in which the receiver got further since it was asked again, and the last one before. */
  readonly #moved = new Set<string>();
  #latest = '';
  /** Where it was in the lanes about which it is asked again. */
  readonly #rechecked = new Map<string, number>();

  constructor(options: SendOptions) {
    this.#options = options;
  }

  /** Another number after each change of what is known of the receiver. */
  get version(): number {
    return this.#version;
  }

  /** What the receiver holds of a lane; null when unknown. */
  acked(lane: SendLane): number | null {
    const position = this.#positions.get(laneText(lane));
    return position === undefined || position.asked ? null : position.acked;
  }

  /**
   * Up to where the receiver is known to hold these very events, and not those of another chain
   * under the same numbers, as after a disk was restored.
   */
  verified(lane: SendLane): number {
    return this.#positions.get(laneText(lane))?.verified ?? 0;
  }

  /** True once a push of the lane was made: an acknowledgement may answer it. */
  hasSent(lane: SendLane): boolean {
    return (this.#positions.get(laneText(lane))?.ends.size ?? 0) > 0;
  }

  /** Learned from a heartbeat that the receiver is at `lastSeq`. */
  learn(lane: SendLane, lastSeq: number, nowMs: number): void {
    const position = this.#positions.get(laneText(lane));
    if (position !== undefined && isAtRest(position, lastSeq)) return;
    if (position !== undefined && position.tracedTo !== null) return;
    this.#version += 1;
    if (position === undefined || position.asked) {
      this.#positions.set(laneText(lane), { ...fresh(lastSeq), ends: position?.ends ?? new Set() });
    } else if (lastSeq >= position.acked) {
      this.#advance(position, lastSeq);
    } else {
      this.#doubt(position, lastSeq, nowMs);
    }
  }

  /**
   * Asks again about the lanes that moved since this was asked before, and the one that moved last
   * before that: a receiver that was restored meanwhile went back in one of them at least, and is
   * then asked about all.
   */
  recheck(): void {
    for (const name of [...this.#moved, this.#latest]) {
      const position = this.#positions.get(name);
      if (position === undefined || position.tracedTo !== null || position.asked) continue;
      this.#version += 1;
      this.#rechecked.set(name, position.acked);
      this.#positions.delete(name);
    }
    this.#moved.clear();
  }

  /** Forgets what the receiver holds: it is asked again. */
  forget(): void {
    this.#version += 1;
    this.#rechecked.clear();
    this.#positions.clear();
  }

  /** Forgets what the receiver holds of one lane, which is another than it was. */
  forgetLane(lane: Pick<SendLane, 'node' | 'incarnation' | 'lane'>): void {
    this.#version += 1;
    this.#positions.delete(laneText(lane));
  }

  /** Messages to send of one lane now. */
  pump(lane: SendLane, nowMs: number): Push[] {
    const name = laneText(lane);
    let position = this.#positions.get(name);
    if (position === undefined) {
      position = { ...fresh(0), asked: true };
      this.#positions.set(name, position);
      this.#version += 1;
    }
    if (position.tracedTo !== null) return this.#trace(lane, position, position.tracedTo, nowMs);
    const late = position.deadlineMs > 0 && nowMs >= position.deadlineMs;
    if (late && this.#rewind(position)) {
      // It went back here: who knows where else.
      this.forget();
      this.#positions.set(name, position);
    }
    if (position.asked) {
      if (position.deadlineMs > 0) return [];
      position.deadlineMs = nowMs + this.#patienceMs(position);
      return [this.#probe(lane, position)];
    }
    const pushes: Push[] = [];
    while (position.sent < lane.lastSeq && position.sent - position.acked < maxWindow) {
      const push = this.#push(lane, position.sent);
      if (push === null) break;
      pushes.push(push);
      this.#version += 1;
      position.sent = push.since + push.events.length;
      position.ends.add(position.sent);
      position.deadlineMs = nowMs + this.#patienceMs(position);
    }
    // A heartbeat told where the receiver is, not that it holds these very events.
    const held = Math.min(position.acked, lane.lastSeq);
    const unverified = position.verified < held && position.sent >= lane.lastSeq;
    const doubtful = position.suspect !== null || unverified;
    if (doubtful && pushes.length === 0 && position.deadlineMs === 0) {
      position.deadlineMs = nowMs + this.#patienceMs(position);
      pushes.push(this.#probe(lane, position));
    }
    return pushes;
  }

  /**
   * Takes an acknowledgement in.
   * @returns true when it told something: there may be more to send.
   */
  onAck(lane: SendLane, ack: Ack, nowMs: number): boolean {
    this.#version += 1;
    const name = laneText(lane);
    const position = this.#positions.get(name);
    if (position === undefined) return false;
    if (position.tracedTo !== null) return this.#traced(lane, position, ack);
    const { checked } = ack;
    const shown = checked === undefined ? ack.lastSeq : checked.to;
    if (!ack.forked && shown !== null && position.ends.has(shown)) this.#verify(position, shown);
    if (ack.forked && position.verified < lane.lastSeq) {
      const since = checked?.to ?? position.verified;
      Object.assign(position, fresh(0), { tracedTo: Math.max(since, lane.firstSeq - 1) });
      return true;
    }
    if (position.asked) {
      const { ends, verified } = position;
      Object.assign(position, fresh(ack.lastSeq), { ends, verified });
      this.#compare(name, ack.lastSeq);
      return true;
    }
    if (ack.lastSeq < position.acked) {
      this.#doubt(position, ack.lastSeq, nowMs);
      return true;
    }
    const progress = ack.lastSeq > position.acked;
    if (progress) this.#note(name);
    this.#advance(position, ack.lastSeq);
    return progress;
  }

  /** After which event the receiver's chain parts from the lane's; null while it is not known. */
  partsAfter(lane: SendLane): number | null {
    return this.#positions.get(laneText(lane))?.partsAfter ?? null;
  }

  #note(name: string): void {
    this.#moved.add(name);
    this.#latest = name;
  }

  /** The receiver told where it is in a lane: further back than it was, or not. */
  #compare(name: string, lastSeq: number): void {
    const before = this.#rechecked.get(name) ?? 0;
    this.#rechecked.delete(name);
    if (lastSeq < before) this.forget();
  }

  /**
   * When `pump` wants to be called for what waits for an answer; Infinity when nothing does. What
   * is overdue after every lane was pumped is of lanes that the receiver gets no more.
   */
  dueMs(nowMs: number): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#positions.values()) {
      if (deadlineMs > nowMs) due = Math.min(due, deadlineMs);
    }
    return due;
  }

  #trace(lane: SendLane, position: Position, since: number, nowMs: number): Push[] {
    if (position.partsAfter !== null || nowMs < position.deadlineMs) return [];
    const push = this.#push(lane, since);
    if (push === null) return [];
    if (position.deadlineMs > 0) position.failures += 1;
    position.deadlineMs = nowMs + this.#patienceMs(position);
    position.ends.add(since + push.events.length);
    this.#version += 1;
    return [push];
  }

  /** One more step towards where two chains part. Acknowledgements of other pushes are late. */
  #traced(lane: SendLane, position: Position, { checked, forked, lastSeq }: Ack): boolean {
    const since = position.tracedTo ?? 0;
    // Receivers of an earlier version do not say what they compared.
    const { from, to } = checked ?? { from: since, to: null };
    if (from !== since) return false;
    const start = lane.firstSeq - 1;
    const over = to === null ? !forked : to >= lane.lastSeq;
    if (over) Object.assign(position, fresh(lastSeq), { verified: to ?? 0, ends: position.ends });
    else if (to !== null && to > since) position.tracedTo = to;
    else if (to === null && since > start) position.tracedTo = start;
    else position.partsAfter = since;
    position.deadlineMs = 0;
    position.failures = 0;
    return true;
  }

  #verify(position: Position, seq: number): void {
    position.verified = Math.max(position.verified, seq);
    for (const end of position.ends) {
      if (end < seq) position.ends.delete(end);
    }
  }

  #advance(position: Position, lastSeq: number): void {
    if (lastSeq > position.acked) position.failures = 0;
    position.acked = lastSeq;
    position.sent = Math.max(position.sent, lastSeq);
    position.suspect = null;
    if (position.sent === position.acked) position.deadlineMs = 0;
  }

  #doubt(position: Position, lastSeq: number, nowMs: number): void {
    position.suspect = Math.min(position.suspect ?? lastSeq, lastSeq);
    // A lane at rest has no deadline: the next pump asks the receiver where it is.
    if (position.sent > position.acked && position.deadlineMs === 0) position.deadlineMs = nowMs;
  }

  /**
   * No acknowledgement came in time: sends again from where the receiver is known to be.
   * @returns true when that is further back than it was.
   */
  #rewind(position: Position): boolean {
    this.#version += 1;
    const wentBack = position.suspect !== null;
    if (position.suspect !== null) {
      position.acked = position.suspect;
      position.verified = Math.min(position.verified, position.suspect);
      position.suspect = null;
    }
    position.sent = position.acked;
    position.failures += 1;
    position.deadlineMs = 0;
    return wentBack;
  }

  #patienceMs(position: Position): number {
    const { patienceMs } = this.#options;
    return Math.min(longestPatienceMs, patienceMs * 2 ** Math.min(position.failures, 10));
  }

  /** Asks where the receiver is: a push of nothing. */
  #probe(lane: SendLane, position: Position): Push {
    const { node, incarnation, lane: name, lastSeq, lastHash } = lane;
    this.#version += 1;
    position.ends.add(lastSeq);
    const since = { since: lastSeq, prevHash: lastHash };
    return { type: 'push', node, incarnation, lane: name, ...since, events: [] };
  }

  #push(lane: SendLane, sent: number): Push | null {
    const since = Math.max(sent, lane.firstSeq - 1);
    const known = made.get(lane);
    const { maxBytes, maxEvents = maxEventsPerPush } = this.#options;
    const fits = known !== undefined && known.bytes <= maxBytes;
    const few = known !== undefined && known.push.events.length <= maxEvents;
    if (fits && few && known.push.since === since) return known.push;
    return this.#makePush(lane, since);
  }

  #makePush(lane: SendLane, since: number): Push | null {
    const { source, maxBytes, maxEvents = maxEventsPerPush } = this.#options;
    const prevHash = source.hashAt(lane, since);
    if (prevHash === null) return null;
    const events: OutboxEvent[] = [];
    let bytes = pushOverheadBytes;
    for (const { seq, eventId, body } of source.events(lane, since, maxEvents)) {
      bytes += body.length + eventOverheadBytes;
      if (events.length > 0 && bytes > maxBytes) break;
      events.push({ seq, eventId, body });
    }
    const { node, incarnation, lane: name, firstSeq } = lane;
    const oldest = since + 1 === firstSeq && firstSeq > 1 ? { oldest: firstSeq } : {};
    const head = { type: 'push', node, incarnation, lane: name } as const;
    const push: Push = { ...head, since, prevHash, ...oldest, events };
    if (events.at(-1)?.seq === lane.lastSeq) made.set(lane, { push, bytes });
    return push;
  }
}

/** How many events one push may hold where an acknowledgement of `maxBytes` reaches the sender. */
export function eventsPerPush(maxBytes: number): number {
  const fit = Math.floor((maxBytes - ackOverheadBytes) / rejectBytes);
  return Math.max(1, Math.min(maxEventsPerPush, fit));
}

/** The last push up to the end of a lane: every receiver that is as far gets the same one. */
const made = new WeakMap<SendLane, { push: Push; bytes: number }>();

/** Whether a receiver that says again where it is tells nothing new. */
function isAtRest(position: Position, lastSeq: number): boolean {
  const { asked, acked, sent, suspect, deadlineMs } = position;
  return !asked && lastSeq === acked && suspect === null && (deadlineMs === 0 || sent > acked);
}

function fresh(acked: number): Position {
  return {
    acked,
    sent: acked,
    verified: 0,
    ends: new Set(),
    deadlineMs: 0,
    failures: 0,
    suspect: null,
    tracedTo: null,
    partsAfter: null,
    asked: false,
  };
}
