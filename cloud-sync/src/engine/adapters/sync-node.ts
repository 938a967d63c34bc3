import {
  feedsOfRole,
  headHashChars,
  type AlarmEvent,
  type FeedName,
  type Heartbeat,
  type Message,
  type Pull,
  type Role,
} from '@foyer/contracts';
import type { Clock, Journal, Logger, Random } from '@foyer/platform';

import type { Refusal, RefusalReason } from '../domain/refusals.ts';
import type { FeedRecord } from '../domain/rows.ts';
import type { Channel } from './channel.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Egress } from './egress.ts';
import { EventStore, type LaneState } from './event-store.ts';
import { FeedClient, type FeedNews } from './feed-client.ts';
import { FeedServer } from './feed-server.ts';
import { Housekeeping, type HousekeepingOptions } from './housekeeping.ts';
import { OutboxHub } from './outbox-hub.ts';
import type { ApplyEvent } from './outbox-receiver.ts';
import { RefusalLog } from './refusal-log.ts';
import { ReplicaStore, type ReplicaPosition } from './replica-store.ts';
import { LinkPort, type LinkOptions, type SyncLink } from './sync-link.ts';
import { WakeTimer } from './wake-timer.ts';

export interface SyncNodeOptions {
  journal: Journal;
  clock: Clock;
  random: Random;
  logger: Logger;
  self: { node: string; role: Role };
  /** The effect of another node's event, inside the transaction that advances its lane. */
  apply: ApplyEvent;
  /**
   * Rows changed, after their commit; `records` null: any may have (a snapshot came into service).
   */
  onRows?: (feed: FeedName, records: readonly FeedRecord[] | null) => void;
  /** This node's disk was cloned or restored; after the commit that numbered its events anew. */
  onForked?: () => void;
  /** A peer's message was refused. */
  onRefused?: (refusal: Refusal) => void;
  /** Stores that were opened on the same journal before; made here when absent. */
  stores?: { replica: ReplicaStore; events: EventStore; deadLetters: DeadLetters };
  housekeeping?: Partial<HousekeepingOptions>;
}

export interface Upstream {
  link: string;
  peer: string;
}

/** How a node's sync is doing, for /v1/status and metrics. */
export interface SyncStatus {
  upstream: (Upstream & { connected: boolean; lastHeardAgoMs: number | null }) | null;
  feeds: (ReplicaPosition & { feed: FeedName; head: number; fetchingSnapshot: boolean })[];
  /** `acked`: what the upstream has of it, null when unknown; `waiting`: not durable yet. */
  lanes: (LaneState & { own: boolean; acked: number | null; waiting: number })[];
  links: { name: string; peers: readonly string[]; waiting: number; unreadable: number }[];
  deadLetters: number;
  /** Telemetry that was dropped because too much waited. */
  droppedEvents: number;
  forks: number;
}

interface Told extends Pick<Heartbeat, 'feeds' | 'lanes'> {
  of: readonly LaneState[];
}

/** One agent's end of the protocol: a replica kept current, events pushed, peers served. */
export class SyncNode {
  readonly replica: ReplicaStore;
  readonly events: EventStore;
  readonly deadLetters: DeadLetters;
  readonly #options: SyncNodeOptions;
  readonly #links = new Map<string, LinkPort>();
  readonly #feeds: FeedClient;
  readonly #server: FeedServer;
  readonly #outbox: OutboxHub;
  readonly #housekeeping: Housekeeping;
  readonly #timer: WakeTimer;
  readonly #refusals: RefusalLog;
  readonly #feedNames: readonly FeedName[];
  #upstream: Upstream | null = null;
  /** What the last heartbeat said, and of which lanes. */
  #told: Told = { of: [], feeds: [], lanes: [] };

  constructor(options: SyncNodeOptions) {
    const { journal, clock, random, logger, self } = options;
    const nowMs = (): number => clock.nowMs();
    this.#options = options;
    this.#feedNames = feedsOfRole[self.role];
    const { stores } = options;
    this.replica = stores?.replica ?? new ReplicaStore(journal);
    this.events = stores?.events ?? new EventStore({ journal, random, nowMs, self: self.node });
    this.deadLetters = stores?.deadLetters ?? new DeadLetters(journal, nowMs);
    if (self.role !== 'theatre') this.#dropOfOtherNames();
    this.#timer = new WakeTimer('sync', clock, (now) => this.#onTime(now));
    const wake = (delayMs: number): void => this.#timer.wakeIn(delayMs);
    this.events.onAppend(() => wake(0));
    this.#refusals = new RefusalLog({ clock, logger, onRefused: options.onRefused });
    const refused = (reason: RefusalReason, channel: Channel, type: Refusal['type']): void =>
      this.#refusals.note({ reason, type, peer: channel.peer });
    const ahead = (pull: Pull): void => this.#feeds.askFor(pull);
    const damaged = (feed: FeedName): void => this.#feeds.compare(feed);
    const server = { store: this.replica, clock, logger, refused, ahead, damaged };
    this.#server = new FeedServer(server);
    this.#feeds = new FeedClient({
      feeds: this.#feedNames,
      store: this.replica,
      clock,
      random,
      logger,
      tell: (news) => this.#news(news),
      wake,
      refused,
    });
    this.#outbox = new OutboxHub({
      journal,
      clock,
      random,
      logger,
      self: self.node,
      events: this.events,
      deadLetters: this.deadLetters,
      apply: options.apply,
      wake,
      forked: () => options.onForked?.(),
      refused,
      rejected: (peer, reason) => this.#refusals.note({ reason, type: 'push', peer }),
    });
    this.#housekeeping = new Housekeeping({
      feeds: this.#feedNames,
      replica: this.replica,
      events: this.events,
      clock,
      logger,
      damaged,
      ...options.housekeeping,
    });
    wake(0);
  }

  /**
   * A disk whose node has another name now: nobody takes from it what only its former name may
   * tell. Admissions are relayed.
   */
  #dropOfOtherNames(): void {
    const { events } = this;
    for (const lane of events.lanes()) {
      if (lane.node === events.self || lane.lane === 'ledger') continue;
      const waiting = lane.lastSeq - Math.max(lane.durableSeq, lane.firstSeq - 1);
      this.#options.logger.warn('events-of-another-name', { node: lane.node, waiting });
      events.dropLane(lane);
    }
  }

  /** Takes over the link's listeners. Links are added once each, by name. */
  addLink(options: LinkOptions): SyncLink {
    const { clock, logger } = this.#options;
    const handler = {
      connected: (channel: Channel, egress: Egress) => this.#connected(channel, egress),
      disconnected: (channel: Channel) => this.#disconnected(channel),
      message: (channel: Channel, message: Message) => this.#message(channel, message),
    };
    const { deadLetters } = this;
    const parts = { clock, logger, deadLetters, handler, refusals: this.#refusals };
    const port = new LinkPort(options, parts);
    this.#links.set(options.name, port);
    port.open();
    return port;
  }

  /** Whom feeds are pulled from, whether it is connected yet or not; null: nobody. */
  setUpstream(upstream: Upstream | null): void {
    this.#upstream = upstream;
    this.#follow();
  }

  /** Whether the upstream is connected. */
  get isFollowing(): boolean {
    return this.#feeds.upstream !== null;
  }

  /** Pushes what was appended. It happens by itself after each append; this only saves the turn. */
  flush(): void {
    this.#timer.wakeIn(0);
  }

  /** What a heartbeat says of feeds and lanes: the same lists as before where nothing changed. */
  heartbeat(): Pick<Heartbeat, 'feeds' | 'lanes' | 'incarnation'> {
    const of = this.events.lanes();
    const positions = this.#feedNames.map((feed) => this.replica.position(feed));
    const told = this.#told;
    const sameFeeds = positions.every(
      ({ epoch, cursor }, at) =>
        epoch === told.feeds[at]?.epoch && cursor === told.feeds[at]?.cursor,
    );
    if (!sameFeeds) {
      const feeds = positions.map(({ epoch, cursor }, at) => {
        return { feed: this.#feedNames[at] ?? 'house', epoch, cursor };
      });
      this.#told = { ...this.#told, feeds };
    }
    if (told.of !== of) {
      const lanes = of.slice(0, 256).map(({ lastHash, ...of }) => {
        const { node, incarnation, lane, lastSeq, durableSeq } = of;
        const hash = lane === 'ledger' ? { hash: lastHash.slice(0, headHashChars) } : {};
        return { node, incarnation, lane, lastSeq, durableSeq, ...hash };
      });
      this.#told = { ...this.#told, of, lanes };
    }
    const { feeds, lanes } = this.#told;
    return { feeds, lanes, incarnation: this.events.incarnation() };
  }

  status(): SyncStatus {
    const { clock, self } = this.#options;
    const upstream = this.#upstream;
    const channel = this.#feeds.upstream;
    const heardMs = channel?.heardMs ?? null;
    const lastHeardAgoMs = heardMs === null ? null : clock.monotonicMs() - heardMs;
    return {
      upstream:
        upstream === null ? null : { ...upstream, connected: channel !== null, lastHeardAgoMs },
      feeds: this.#feedNames.map((feed) => ({
        feed,
        ...this.replica.position(feed),
        head: this.#feeds.head(feed),
        fetchingSnapshot: this.replica.build(feed) !== null,
      })),
      lanes: this.events.lanes().map((lane) => ({
        ...lane,
        own: lane.node === self.node,
        acked: channel === null ? null : this.#outbox.acked(channel, lane),
        waiting: lane.lastSeq - Math.max(lane.durableSeq, lane.firstSeq - 1),
      })),
      links: [...this.#links.values()].map((link) => ({
        name: link.name,
        peers: link.peers(),
        waiting: link.waitingInAll(),
        unreadable: link.unreadable,
      })),
      deadLetters: this.deadLetters.count(),
      droppedEvents: this.events.dropped,
      forks: this.#outbox.forks,
    };
  }

  /** Recomputes every hash now, and asks the upstream to compare. @returns rows found damaged. */
  verify(): number {
    return this.#housekeeping.verifyAll();
  }

  /** Closes the links, too. Idempotent. The journal is its owner's. */
  async close(): Promise<void> {
    this.#timer.close();
    this.#housekeeping.close();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  #connected(channel: Channel, egress: Egress): void {
    this.#server.connect(channel, egress);
    this.#outbox.connect(channel);
    this.#follow();
  }

  #disconnected(channel: Channel): void {
    this.#server.disconnect(channel);
    this.#outbox.disconnect(channel);
    if (this.#feeds.upstream === channel) this.#feeds.follow(null);
  }

  #follow(): void {
    const upstream = this.#upstream;
    const link = upstream === null ? undefined : this.#links.get(upstream.link);
    const channel = upstream === null ? null : (link?.channel(upstream.peer) ?? null);
    if (channel !== this.#feeds.upstream) this.#feeds.follow(channel);
  }

  #message(channel: Channel, message: Message): void {
    switch (message.type) {
      case 'pull':
      case 'compare':
      case 'fetch-range':
        this.#server.onRequest(channel, message);
        return;
      case 'push':
        this.#outbox.onPush(channel, message);
        return;
      case 'ack':
        this.#outbox.onAck(channel, message);
        return;
      case 'heartbeat':
        this.#outbox.onHeartbeat(channel, message);
        this.#feeds.onHeartbeat(channel, message);
        return;
      default:
        this.#feeds.onMessage(channel, message);
    }
  }

  #onTime(nowMs: number): number {
    return Math.min(this.#feeds.onTime(nowMs), this.#outbox.pump(nowMs));
  }

  #news(news: FeedNews): void {
    const { onRows } = this.#options;
    if (news.kind === 'repaired') {
      this.#alarm('replica-repaired', `${news.rows} rows of ${news.feed} were mended.`);
      return;
    }
    if (news.kind === 'sound' || news.kind === 'in-step') {
      this.#server.hint(news.feed);
      return;
    }
    if (news.kind === 'swapped' && news.newEpoch) {
      this.#alarm('epoch-changed', `The source of ${news.feed} was restored.`);
    }
    this.#server.hint(news.feed);
    onRows?.(news.feed, news.kind === 'rows' ? news.records : null);
  }

  #alarm(code: AlarmEvent['code'], detail: string): void {
    const { clock, self } = this.#options;
    this.events.append({ kind: 'alarm', code, detail, gate: self.node, atMs: clock.nowMs() });
  }
}

export function createSyncNode(options: SyncNodeOptions): SyncNode {
  return new SyncNode(options);
}
