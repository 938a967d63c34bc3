import type { Chunk, FeedName, Heartbeat, Message, Pull, Snapshot } from '@foyer/contracts';
import { lanBackoff, wanBackoff, type Clock, type Logger, type Random } from '@foyer/platform';

import { unpackBody } from '../domain/blocks.ts';
import { arrivedAgeMs } from '../domain/data-age.ts';
import { FeedPull, type PullEffect, type PullTarget } from '../domain/feed-pull.ts';
import { FeedRepair, type RepairEffect, type RepairTarget } from '../domain/feed-repair.ts';
import { receivedBytesFor } from '../domain/packing.ts';
import type { RefusalReason } from '../domain/refusals.ts';
import type { FeedRecord } from '../domain/rows.ts';
import type { Channel } from './channel.ts';
import type { ReplicaStore } from './replica-store.ts';

/** What happened to a replica that others want to know. */
export type FeedNews =
  | { kind: 'rows'; feed: FeedName; records: readonly FeedRecord[] }
  /** A snapshot came into service: everything may have changed. */
  | { kind: 'swapped'; feed: FeedName; newEpoch: boolean }
  | { kind: 'repaired'; feed: FeedName; rows: number }
  /** It was suspect, and is the upstream's again: whoever copied from it meanwhile may be not. */
  | { kind: 'sound'; feed: FeedName }
  /** It is in step again after a long time: the age of the data that others hold is another. */
  | { kind: 'in-step'; feed: FeedName };

export interface FeedClientOptions {
  feeds: readonly FeedName[];
  store: ReplicaStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  tell: (news: FeedNews) => void;
  wake: (delayMs: number) => void;
  refused: (reason: RefusalReason, channel: Channel, type: Message['type']) => void;
}

interface Following {
  pull: FeedPull;
  repair: FeedRepair | null;
  /** No repair is begun before: a difference that stays is not chased at full speed. */
  repairFromMs: number;
  /** Damage was found here: ranges are compared even where the whole agrees. */
  damaged: boolean;
}

const lanPatienceMs = 400;
const wanPatienceMs = 2000;
const lanPoll = { pollMs: 15_000, quietPollMs: 40_000 };
const wanPoll = { pollMs: 30_000, quietPollMs: 40_000 };
const betweenRepairsMs = 2000;
/** Data that is older than the slowest polls of gate and theatre agent leave it is out of step. */
const outOfStepMs = 120_000;

/** Keeps the replica's feeds up to date from one upstream at a time. */
export class FeedClient {
  readonly #options: FeedClientOptions;
  readonly #following = new Map<FeedName, Following>();
  #upstream: Channel | null = null;

  constructor(options: FeedClientOptions) {
    this.#options = options;
  }

  get upstream(): Channel | null {
    return this.#upstream;
  }

  /** The newest head that the upstream named; 0 when unknown. */
  head(feed: FeedName): number {
    return this.#following.get(feed)?.pull.head ?? 0;
  }

  /** Pulls from here on; null stops. Setting the same channel again asks it at once. */
  follow(channel: Channel | null): void {
    const { clock, random, wake } = this.#options;
    if (channel !== this.#upstream) this.#following.clear();
    this.#upstream = channel;
    if (channel === null) return;
    const cloud = channel.role === 'cloud';
    for (const feed of this.#options.feeds) {
      if (this.#following.has(feed)) continue;
      const pull = new FeedPull(
        {
          feed,
          random,
          target: this.#target(feed),
          maxBytes: receivedBytesFor(channel.limits),
          backoff: cloud ? wanBackoff : lanBackoff,
          patienceMs: cloud ? wanPatienceMs : lanPatienceMs,
          ...(cloud ? wanPoll : lanPoll),
        },
        clock.monotonicMs(),
      );
      this.#following.set(feed, { pull, repair: null, repairFromMs: 0, damaged: false });
    }
    wake(0);
  }

  /** A peer pulled from beyond what this node has: its upstream is asked what to make of that. */
  askFor(pull: Pull): void {
    const following = this.#following.get(pull.feed);
    if (following === undefined || pull.snapshot !== null) return;
    const nowMs = this.#options.clock.monotonicMs();
    this.#act(pull.feed, following, following.pull.askFor(pull, nowMs));
    this.#options.wake(this.#untilDueMs(nowMs));
  }

  /** Damage was found in the replica: every range is compared with the upstream's. */
  compare(feed: FeedName): void {
    const following = this.#following.get(feed);
    if (following === undefined) return;
    following.damaged = true;
    this.#poke(feed, following);
  }

  /** The upstream says how far it is: a hint that was lost is made good at its next heartbeat. */
  onHeartbeat(channel: Channel, { feeds }: Heartbeat): void {
    if (channel !== this.#upstream) return;
    const nowMs = this.#options.clock.monotonicMs();
    for (const { feed, epoch, cursor } of feeds) {
      const following = this.#following.get(feed);
      if (following === undefined || epoch === null) continue;
      const own = this.#options.store.position(feed);
      if (own.epoch !== epoch || own.cursor >= cursor) continue;
      following.pull.hasten(nowMs);
      this.#options.wake(this.#untilDueMs(nowMs));
    }
  }

  #poke(feed: FeedName, following: Following): void {
    this.#act(feed, following, following.pull.poke(this.#options.clock.monotonicMs()));
  }

  /** Every answer and hint of the upstream; those of anyone else are refused. */
  onMessage(channel: Channel, message: Message): void {
    if (!('feed' in message)) return;
    const following = this.#following.get(message.feed);
    if (channel !== this.#upstream || following === undefined) {
      this.#options.refused('not-upstream', channel, message.type);
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    this.#noteEpoch(message);
    const { pull, repair } = following;
    const { feed } = message;
    const refusal = this.#staleness(message, following);
    if (refusal !== null) this.#options.refused(refusal, channel, message.type);
    if (message.type === 'hint') this.#act(feed, following, pull.onHint(message, nowMs));
    else if (message.type === 'chunk') {
      const ageMs = arrivedAgeMs(message, this.#options.clock.nowMs());
      this.#act(feed, following, pull.onChunk({ ...message, ageMs }, nowMs));
    } else if (message.type === 'snapshot') {
      this.#act(feed, following, pull.onSnapshot(message, nowMs));
    } else if (message.type === 'compared' && repair !== null) {
      this.#mend(feed, following, repair.onCompared(message, nowMs));
    } else if (message.type === 'range-rows' && repair !== null) {
      this.#mend(feed, following, repair.onRows(message, nowMs));
    }
    this.#options.wake(this.#untilDueMs(nowMs));
  }

  /** Why the pull or the repair will leave a message of the upstream alone; null: it reads it. */
  #staleness(message: Message, { repair }: Following): RefusalReason | null {
    if (!('feed' in message) || message.type === 'pull') return null;
    const { epoch, cursor } = this.#options.store.position(message.feed);
    const other = epoch !== null && message.epoch !== epoch;
    if (message.type === 'chunk') {
      if (other) return 'other-epoch';
      return message.since < cursor ? 'replayed' : null;
    }
    const answer = message.type === 'compared' || message.type === 'range-rows';
    return answer && repair === null ? 'not-asked' : null;
  }

  /** Does what is due. @returns when it wants to be called again, monotonic milliseconds. */
  onTime(nowMs: number): number {
    for (const [feed, following] of this.#following) {
      this.#act(feed, following, following.pull.onTime(nowMs));
      const { repair } = following;
      if (repair !== null) this.#mend(feed, following, repair.onTime(nowMs));
    }
    return nowMs + this.#untilDueMs(nowMs);
  }

  #untilDueMs(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { pull, repair } of this.#following.values()) {
      dueMs = Math.min(dueMs, pull.dueMs(), repair?.dueMs() ?? Number.POSITIVE_INFINITY);
    }
    return Math.max(0, dueMs - nowMs);
  }

  #noteEpoch(message: Extract<Message, { feed: FeedName }>): void {
    const { store } = this.#options;
    if (message.type === 'pull' || message.epoch === null) return;
    if (store.position(message.feed).epoch === message.epoch) store.confirm(message.feed);
  }

  #act(feed: FeedName, following: Following, effects: readonly PullEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#ask(effect.message);
      else if (effect.kind === 'applied') {
        if (effect.swapped) this.#swapped(feed, effect.newEpoch);
      } else if (effect.kind === 'agrees' && !following.damaged) {
        following.repair = null;
        const wasSuspect = this.#options.store.setSuspect(feed, false);
        if (wasSuspect) this.#options.tell({ kind: 'sound', feed });
      } else this.#differs(feed, following);
    }
  }

  #ask(pull: Pull): void {
    const askedMs = Math.max(0, Math.round(this.#options.clock.nowMs()));
    this.#upstream?.send({ ...pull, askedMs });
  }

  #swapped(feed: FeedName, newEpoch: boolean): void {
    this.#options.store.confirm(feed);
    this.#options.tell({ kind: 'swapped', feed, newEpoch });
  }

  #differs(feed: FeedName, following: Following): void {
    const { clock, store, logger } = this.#options;
    const nowMs = clock.monotonicMs();
    const busy = following.repair !== null && !following.repair.over;
    const upstream = this.#upstream;
    if (upstream === null || busy || nowMs < following.repairFromMs) return;
    logger.warn('replica-differs', { feed, cursor: store.position(feed).cursor });
    store.setSuspect(feed, true);
    following.repairFromMs = nowMs + betweenRepairsMs;
    const maxBytes = receivedBytesFor(upstream.limits);
    following.repair = new FeedRepair(feed, this.#repairTarget(feed), maxBytes);
    this.#mend(feed, following, following.repair.start(nowMs));
  }

  #mend(feed: FeedName, following: Following, effects: readonly RepairEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#upstream?.send(effect.message);
      else {
        const { logger, tell } = this.#options;
        // Where nothing was to be changed it is the upstream whose rows and sums do not agree.
        if (effect.rows > 0 || following.damaged) {
          logger.warn('replica-repaired', { feed, rows: effect.rows });
          tell({ kind: 'repaired', feed, rows: effect.rows });
        }
        following.damaged = false;
        this.#poke(feed, following);
      }
    }
    if (following.repair?.over === true) following.repair = null;
  }

  #isOutOfStep(feed: FeedName): boolean {
    const { store, clock } = this.#options;
    return (store.ageMs(feed, clock.nowMs()) ?? Number.POSITIVE_INFINITY) > outOfStepMs;
  }

  #repairTarget(feed: FeedName): RepairTarget {
    const { store, clock, tell } = this.#options;
    return {
      position: () => store.position(feed),
      groupDigests: () => store.groupDigests(feed),
      range: (group, from, to) => store.range(feed, group, from, to),
      replaceRange: ({ group, from, to, body }) => {
        const records = unpackBody(body);
        const nowMs = clock.nowMs();
        const changed = store.replaceRange({ feed, group, from, to, records, nowMs });
        tell({ kind: 'rows', feed, records });
        return changed;
      },
    };
  }

  #target(feed: FeedName): PullTarget {
    const { store, clock, tell } = this.#options;
    return {
      position: () => ({ ...store.position(feed), build: store.build(feed) }),
      applyChunk: (chunk: Chunk, ageMs) => {
        const { epoch, next, mark, floor, body } = chunk;
        const records = unpackBody(body);
        store.applyChunk({ feed, epoch, next, mark, floor, records, ageMs, nowMs: clock.nowMs() });
        store.confirm(feed);
        tell({ kind: 'rows', feed, records });
      },
      applyPage: (page: Snapshot) => {
        const { epoch, head, mark, floor = 0, after, nextAfter, body } = page;
        const records = unpackBody(body);
        const position = { feed, epoch, head, mark, floor, after, nextAfter };
        return store.applyPage({ ...position, records, nowMs: clock.nowMs() });
      },
      upToDate: (ageMs) => {
        const wasOut = this.#isOutOfStep(feed);
        store.touch(feed, ageMs, clock.nowMs());
        if (wasOut && !this.#isOutOfStep(feed)) tell({ kind: 'in-step', feed });
      },
      isOutOfStep: () => this.#isOutOfStep(feed),
    };
  }
}
