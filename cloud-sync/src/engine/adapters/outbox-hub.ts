import type { Ack, AlarmEvent, Heartbeat, Push } from '@foyer/contracts';
import type { Clock, Journal, Logger, Random } from '@foyer/platform';

import { laneText, type LaneKey } from '../domain/outbox-chain.ts';
import type { RefusalReason } from '../domain/refusals.ts';
import type { Channel } from './channel.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { EventStore, LaneState } from './event-store.ts';
import { OutboxReceiver, type ApplyEvent } from './outbox-receiver.ts';
import { hasOtherHead, newReceiver, relayDueMs, vouchedFor, type Receiver } from './outbox-peer.ts';
import { splitLane } from './split-lane.ts';

export interface OutboxHubOptions {
  journal: Journal;
  clock: Clock;
  random: Random;
  logger: Logger;
  self: string;
  events: EventStore;
  deadLetters: DeadLetters;
  apply: ApplyEvent;
  /** Something was received, acknowledged or appended: `pump` soon. */
  wake: (delayMs: number) => void;
  /** This node's disk was cloned or restored: others hold events under its numbers. */
  forked: () => void;
  refused: (reason: RefusalReason, channel: Channel, type: 'push' | 'ack' | 'heartbeat') => void;
  /** An event of a node was taken in without its effect, or under the id of another's. */
  rejected: (node: string, reason: RefusalReason) => void;
}

/** Another's event is left to its own node for so long, and as long again by chance. */
const relayAfterMs = 1500;
/** On a link that counts publishes, events are gathered for so long. */
const gatherMs = 40;
/** How often the cloud is asked where it is in the lane that it acknowledged last. */
const askAgainMs = 60_000;
/** The same in all lanes: acknowledgements may have come in another order than the commits. */
const askAllAgainMs = 10 * 60_000;
/**
 * A disk is restored at most once a start, and a peer that says so again is wrong or hostile: this
 * node would stop voting each time.
 */
const betweenForksMs = 60_000;
const maxForkTellers = 256;
/** Pushes own and relayed events to whom they are for, and takes in those of others. */
export class OutboxHub {
  readonly #options: OutboxHubOptions;
  readonly #receivers = new Map<Channel, Receiver>();
  readonly #incoming: OutboxReceiver;
  /** When each peer last told that this node's numbers were taken. */
  readonly #forkToldMs = new Map<string, number>();
  #ordered: { of: readonly LaneState[]; lanes: readonly LaneState[] } | null = null;
  #forks = 0;

  constructor(options: OutboxHubOptions) {
    this.#options = options;
    const { journal, events, apply, rejected } = options;
    this.#incoming = new OutboxReceiver(journal, events, apply, rejected);
  }

  /** How often this node found that its numbers were taken, since it started. */
  get forks(): number {
    return this.#forks;
  }

  connect(channel: Channel): void {
    const { clock, events } = this.#options;
    this.#receivers.set(channel, newReceiver(channel, events, clock.monotonicMs()));
    this.#options.wake(0);
  }

  disconnect(channel: Channel): void {
    this.#receivers.delete(channel);
  }

  /** What the peer acknowledged of a lane; null when unknown. */
  acked(channel: Channel, lane: LaneState): number | null {
    return this.#receivers.get(channel)?.send.acked(lane) ?? null;
  }

  onPush(channel: Channel, push: Push): void {
    const { events, logger, self, wake } = this.#options;
    const before = events.lane(push)?.lastSeq ?? 0;
    const ours = push.node === self && push.incarnation === events.incarnation();
    const last = push.since + push.events.length;
    if (this.#isAheadOfOrigin(channel, push, last)) {
      this.#options.refused('ahead-of-origin', channel, 'push');
      return;
    }
    if (ours && last > before) {
      if (!this.#reincarnate(channel, 'push')) return;
    }
    const { ack, accepted, forked } = this.#incoming.receive(push, this.#mayPart(push));
    if (ours && forked && !this.#reincarnate(channel, 'push')) return;
    if (ack.lastSeq < before) this.#resend(push);
    channel.send(ack);
    if (forked) logger.warn('lane-forked', { peer: channel.peer, node: push.node });
    if (accepted > 0) wake(0);
  }

  onAck(channel: Channel, ack: Ack): void {
    const { clock, events, journal, logger, self, wake } = this.#options;
    const lane = events.lane(ack);
    const receiver = this.#receivers.get(channel);
    if (receiver === undefined) return;
    // The way up may tell of rejects unasked; others acknowledge what they were sent.
    if (lane === undefined || !(isWayUp(channel) || receiver.send.hasSent(lane))) {
      this.#options.refused('not-asked', channel, 'ack');
      return;
    }
    const ours = lane.node === self && lane.incarnation === events.incarnation();
    if (ours && (ack.forked || ack.lastSeq > lane.lastSeq)) {
      this.#reincarnate(channel, 'ack');
      return;
    }
    const news = receiver.send.onAck(lane, ack, clock.monotonicMs());
    this.#learnDurable(receiver, lane, ack);
    this.#takeRejects(channel, lane, ack);
    const partsAfter = receiver.send.partsAfter(lane);
    if (partsAfter !== null) {
      logger.warn('lane-forked', { peer: channel.peer, node: lane.node });
      if (this.#mayPart(lane)) splitLane(journal, events, lane, partsAfter + 1);
      this.#resend(lane);
    }
    if (news) wake(0);
  }

  /** A lane ends earlier than it did: each receiver is asked anew how far it is with it. */
  #resend(lane: LaneKey): void {
    for (const { send } of this.#receivers.values()) send.forgetLane(lane);
  }

  onHeartbeat(channel: Channel, heartbeat: Heartbeat): void {
    const { clock, events, self, random, wake } = this.#options;
    const receiver = this.#receivers.get(channel);
    if (receiver === undefined) return;
    const nowMs = clock.monotonicMs();
    const { lanes } = heartbeat;
    const { settled, send } = receiver;
    const ownLanes = events.lanes();
    receiver.vouchedUntilMs = nowMs + vouchedFor(heartbeat.nextMs);
    // Four times a second a peer at rest says what it said before to a node at rest.
    const isKnown = settled?.theirs === lanes && settled.ours === ownLanes;
    if (isKnown && settled.send === send.version) return;
    receiver.settled = null;
    const theirs = new Map(heartbeat.lanes.map((l) => [laneText(l), l]));
    const { incarnation: current } = heartbeat;
    const own = heartbeat.lanes.filter(
      (l) => l.node === channel.peer && (current === undefined || l.incarnation === current),
    );
    receiver.vouched = new Map(own.map((l) => [laneText(l), l.lastSeq]));
    const incarnation = events.incarnation();
    const verified = (lane: LaneState): number => receiver.send.verified(lane);
    let news = false;
    for (const lane of ownLanes) {
      const their = theirs.get(laneText(lane));
      const lastSeq = their?.lastSeq ?? 0;
      const ours = lane.node === self && lane.incarnation === incarnation;
      const parts = their !== undefined && hasOtherHead(their, lane);
      if (ours && (parts || lastSeq > lane.lastSeq)) {
        this.#reincarnate(channel, 'heartbeat');
        return;
      }
      if (their !== undefined) {
        const { durableSeq } = their;
        const own = lane.node === self;
        events.raiseDurable(lane, own ? Math.min(durableSeq, verified(lane)) : durableSeq);
      }
      if (lane.lane !== 'ledger') continue;
      receiver.send.learn(lane, lastSeq, nowMs);
      if (lastSeq >= lane.lastSeq && !parts) receiver.lacking.delete(lane.id);
      else {
        news = true;
        if (!receiver.lacking.has(lane.id)) {
          receiver.rest = null;
          const waitMs = relayAfterMs * (1 + random.float());
          receiver.lacking.set(lane.id, { sinceMs: nowMs, waitMs });
        }
      }
    }
    if (news) wake(0);
    else receiver.settled = { theirs: lanes, ours: events.lanes(), send: send.version };
  }

  /** Sends what is due. @returns when it wants to be called again, monotonic milliseconds. */
  pump(nowMs: number): number {
    const lanes = this.#options.events.lanes();
    let dueMs = Number.POSITIVE_INFINITY;
    for (const receiver of this.#receivers.values()) {
      dueMs = Math.min(dueMs, this.#pumpOne(receiver, lanes, nowMs));
    }
    return dueMs;
  }

  #pumpOne(receiver: Receiver, lanes: readonly LaneState[], nowMs: number): number {
    const { channel, send, rest } = receiver;
    const rests = rest?.lanes === lanes && rest.send === send.version;
    if (rests && nowMs < rest.untilMs) return rest.untilMs;
    const gathering = Number.isFinite(channel.limits.maxPublishesPerS);
    if (gathering && nowMs < receiver.pumpedMs + gatherMs) return receiver.pumpedMs + gatherMs;
    const askMs = channel.role === 'cloud' ? this.#askAgain(receiver, nowMs) : Infinity;
    receiver.pumpedMs = nowMs;
    for (const lane of this.#ledgerFirst(lanes)) {
      if (!this.#isFor(receiver, lane, nowMs)) continue;
      for (const push of send.pump(lane, nowMs)) channel.send(push);
    }
    const untilMs = Math.min(send.dueMs(nowMs), askMs, relayDueMs(receiver, nowMs));
    receiver.rest = { lanes, send: send.version, untilMs };
    return untilMs;
  }

  /** The cloud may have been restored. @returns when it is to be asked next. */
  #askAgain(receiver: Receiver, nowMs: number): number {
    const { send } = receiver;
    if (nowMs >= receiver.forgottenMs + askAllAgainMs) {
      receiver.forgottenMs = nowMs;
      receiver.askedMs = nowMs;
      send.forget();
    } else if (nowMs >= receiver.askedMs + askAgainMs) {
      receiver.askedMs = nowMs;
      send.recheck();
    }
    return Math.min(receiver.askedMs + askAgainMs, receiver.forgottenMs + askAllAgainMs);
  }

  /** The lanes in the order in which they are sent. */
  #ledgerFirst(lanes: readonly LaneState[]): readonly LaneState[] {
    if (this.#ordered?.of !== lanes) {
      this.#ordered = { of: lanes, lanes: lanes.toSorted(ledgerFirst) };
    }
    return this.#ordered.lanes;
  }

  /**
   * The cloud gets everything. In the mesh each node sends its own: all of it to the theatre agent,
   * admissions to the gates; another's admissions only where their node seems unable to.
   */
  #isFor(receiver: Receiver, lane: LaneState, nowMs: number): boolean {
    const { role } = receiver.channel;
    if (role === 'cloud') return true;
    if (role === null || role === 'screen') return false;
    if (lane.node === this.#options.self) return role === 'theatre' || lane.lane === 'ledger';
    const lacking = receiver.lacking.get(lane.id);
    return lacking !== undefined && nowMs >= lacking.sinceMs + lacking.waitMs;
  }

  #learnDurable(receiver: Receiver, lane: LaneState, ack: Ack): void {
    const { events } = this.#options;
    // A relay that was restored may hold less of a lane than the cloud: nothing is left to relay.
    const relayed = lane.node !== this.#options.self && lane.lane !== 'ledger' && !ack.forked;
    const outrun = relayed && ack.lastSeq >= lane.lastSeq;
    const verified = outrun ? lane.lastSeq : receiver.send.verified(lane);
    if (receiver.channel.role === 'cloud') events.setDurable(lane, verified);
    else events.raiseDurable(lane, Math.min(ack.durableSeq, verified));
  }

  #takeRejects(channel: Channel, lane: LaneState, ack: Ack): void {
    const { events, deadLetters, journal, logger, self } = this.#options;
    const fresh = ack.rejects.filter((reject) =>
      journal.transaction(() => {
        const { seq, eventId, code, message } = reject;
        const event = events.events(lane, seq - 1, 1)[0];
        if (event?.eventId !== eventId) return false;
        const payload = Buffer.from(event.body);
        const { peer } = channel;
        if (!deadLetters.add({ kind: 'event', peer, eventId, code, message, payload }))
          return false;
        events.reject(lane, reject);
        const isAlarm = event.body.startsWith('{"kind":"alarm"');
        if (!isAlarm) this.#alarm('dead-letter', `${peer} refused ${eventId}: ${code}.`);
        return true;
      }),
    );
    if (fresh.length === 0) return;
    logger.warn('events-rejected', { peer: channel.peer, node: lane.node, count: fresh.length });
    if (lane.node === self) return;
    // Whoever wrote the event keeps it as a dead letter, too.
    for (const receiver of this.#receivers.values()) {
      if (receiver.channel.peer !== lane.node) continue;
      receiver.channel.send({ ...this.#incoming.ack(lane, lane.lastSeq), rejects: fresh });
    }
  }

  /**
   * Two chains are kept only of what nobody numbers events in any more. A living node is told, and
   * begins anew: no peer can end its lane by making another up.
   */
  #mayPart(lane: LaneKey): boolean {
    const { clock, events, self } = this.#options;
    if (lane.node === self) return lane.incarnation !== events.incarnation();
    const nowMs = clock.monotonicMs();
    return [...this.#receivers.values()].every(({ channel, vouched, vouchedUntilMs }) => {
      const isIts = channel.peer === lane.node && vouchedUntilMs >= nowMs;
      return !isIts || !vouched.has(laneText(lane));
    });
  }

  /**
   * A living node says how far it is; a peer that relays more of it made the rest up. That holds
   * for what it numbers its events in now: of earlier ones its disk may have forgotten a part.
   */
  #isAheadOfOrigin(channel: Channel, push: Push, last: number): boolean {
    if (push.node === channel.peer || push.node === this.#options.self) return false;
    const nowMs = this.#options.clock.monotonicMs();
    for (const { channel: other, vouched, vouchedUntilMs } of this.#receivers.values()) {
      if (other.peer !== push.node || vouchedUntilMs < nowMs) continue;
      const own = vouched.get(laneText(push));
      return own !== undefined && last > own;
    }
    return false;
  }

  /** @returns false when this peer told the same a moment ago and is not believed. */
  #reincarnate(channel: Channel, how: 'push' | 'ack' | 'heartbeat'): boolean {
    const { clock, events, journal, logger, wake } = this.#options;
    const nowMs = clock.monotonicMs();
    const { peer } = channel;
    if (nowMs - (this.#forkToldMs.get(peer) ?? Number.NEGATIVE_INFINITY) < betweenForksMs) {
      this.#options.refused('forked-again', channel, how);
      return false;
    }
    if (this.#forkToldMs.size >= maxForkTellers) this.#forkToldMs.clear();
    this.#forkToldMs.set(peer, nowMs);
    this.#forks += 1;
    const again = journal.transaction(() => {
      const count = events.reincarnate();
      const detail = `${peer} holds events under our numbers that we do not (${how}).`;
      this.#alarm('chain-forked', `${detail} ${count} events were numbered anew.`);
      return count;
    });
    this.#options.forked();
    logger.error('chain-forked', { peer, how, numberedAnew: again });
    wake(0);
    return true;
  }

  #alarm(code: AlarmEvent['code'], detail: string): void {
    const { clock, events, self } = this.#options;
    const atMs = clock.nowMs();
    events.append({ kind: 'alarm', code, detail: detail.slice(0, 500), gate: self, atMs });
  }
}

/** Where the cloud's word comes from, of what it refused too. */
function isWayUp({ role }: Channel): boolean {
  return role === 'cloud' || role === 'theatre';
}

const order = { ledger: 0, telemetry: 1, bulk: 2 } as const;

function ledgerFirst(a: LaneState, b: LaneState): number {
  return order[a.lane] - order[b.lane];
}
