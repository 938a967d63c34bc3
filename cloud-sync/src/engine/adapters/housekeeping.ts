import type { FeedName } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';

import type { EventStore, LaneState } from './event-store.ts';
import type { ReplicaStore } from './replica-store.ts';

const dayMs = 24 * 60 * 60_000;

export interface HousekeepingOptions {
  /** How long deleted rows are remembered. */
  tombstonesMs: number;
  /** How long admissions are kept, to be sent again to a receiver that was restored. */
  ledgerMs: number;
  /** How long other events are kept once they are durable. */
  telemetryMs: number;
  /** How often some rows' hashes are recomputed; 0: only when asked. */
  scrubEveryMs: number;
  /** How many rows each time: 2,000 take about 10 ms. */
  scrubRows: number;
  /** A pass over all rows begins so long after the last one began, at the earliest. */
  scrubPassMs: number;
  everyMs: number;
}

const defaults: HousekeepingOptions = {
  tombstonesMs: 30 * dayMs,
  ledgerMs: 35 * dayMs,
  telemetryMs: dayMs,
  scrubEveryMs: 20_000,
  scrubRows: 1000,
  scrubPassMs: 10 * 60_000,
  everyMs: 5 * 60_000,
};

/** Rows of a generation that serves no more, deleted at a time. */
const sweptRows = 2000;

interface Parts extends Partial<HousekeepingOptions> {
  feeds: readonly FeedName[];
  replica: ReplicaStore;
  events: EventStore;
  clock: Clock;
  logger: Logger;
  /** A feed has damaged rows: it must be compared with its source. */
  damaged: (feed: FeedName) => void;
}

/** What a node does now and then: forgets what is old, looks for rows that the disk damaged. */
export class Housekeeping {
  readonly #parts: Parts;
  readonly #options: HousekeepingOptions;
  readonly #places = new Map<FeedName, string>();
  readonly #timers = new Map<string, Timer>();
  #turn = 0;
  /** When the pass over all feeds began that is under way. */
  #passFromMs: number | null = null;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#options = { ...defaults, ...withoutUndefined(parts) };
    this.#every('forget', this.#options.everyMs, () => this.forget());
    const { scrubEveryMs } = this.#options;
    if (scrubEveryMs > 0) this.#scrubIn(scrubEveryMs);
  }

  /** Forgets what is older than it must be kept. */
  forget(): void {
    const { replica, events, clock } = this.#parts;
    const { tombstonesMs, ledgerMs, telemetryMs } = this.#options;
    const nowMs = clock.nowMs();
    events.saveDurable();
    if (replica.compact(nowMs - tombstonesMs, sweptRows)) this.#sweepOn();
    for (const lane of events.lanes()) {
      const keptMs = lane.lane === 'ledger' ? ledgerMs : telemetryMs;
      const upTo = events.newestBefore(lane, lane.durableSeq, nowMs - keptMs);
      if (upTo > 0) events.prune(lane, upTo);
      if (this.#isGone(lane, nowMs)) events.dropLane(lane);
    }
  }

  /** Recomputes every hash. @returns rows found damaged. */
  verifyAll(): number {
    let damaged = 0;
    for (const feed of this.#parts.feeds) {
      for (let place: string | null = ''; place !== null;) {
        const found: { place: string; damaged: number } = this.#scrub(feed, place);
        damaged += found.damaged;
        place = found.place === '' ? null : found.place;
      }
      this.#parts.damaged(feed);
    }
    return damaged;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #isGone(lane: LaneState, nowMs: number): boolean {
    const { events } = this.#parts;
    const ours = lane.node === events.self && lane.incarnation === events.incarnation();
    const empty = lane.firstSeq > lane.lastSeq && lane.durableSeq >= lane.lastSeq;
    return !ours && empty && nowMs - lane.touchedMs > 2 * this.#options.ledgerMs;
  }

  #sweepOn(): void {
    this.#set('sweep', 200, () => {
      if (this.#parts.replica.compact(0, sweptRows)) this.#sweepOn();
    });
  }

  #scrubIn(delayMs: number): void {
    this.#set('scrub', delayMs, () => {
      const { scrubEveryMs, scrubPassMs } = this.#options;
      const nowMs = this.#parts.clock.monotonicMs();
      const sinceMs = (this.#passFromMs ??= nowMs);
      const isOver = this.#scrubSome();
      if (isOver) this.#passFromMs = null;
      this.#scrubIn(Math.max(scrubEveryMs, isOver ? sinceMs + scrubPassMs - nowMs : 0));
    });
  }

  /** @returns true when every feed was read to its end once more. */
  #scrubSome(): boolean {
    const { feeds } = this.#parts;
    const feed = feeds[this.#turn % feeds.length];
    if (feed === undefined) return true;
    const { place } = this.#scrub(feed, this.#places.get(feed) ?? '');
    this.#places.set(feed, place);
    // The next feed's turn comes when this one was read to its end.
    if (place !== '') return false;
    this.#turn += 1;
    return this.#turn % feeds.length === 0;
  }

  #scrub(feed: FeedName, place: string): { place: string; damaged: number } {
    const { replica, logger, damaged } = this.#parts;
    const found = replica.scrub(feed, place, this.#options.scrubRows);
    if (found.damaged > 0) {
      logger.error('replica-damaged', { feed, rows: found.damaged });
      damaged(feed);
    }
    return found;
  }

  #every(name: string, delayMs: number, act: () => void): void {
    this.#set(name, delayMs, () => {
      act();
      this.#every(name, delayMs, act);
    });
  }

  #set(name: string, delayMs: number, act: () => void): void {
    if (this.#closed) return;
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.#parts.clock.setTimer(`sync-${name}`, delayMs, act));
  }
}

function withoutUndefined(parts: Parts): Partial<HousekeepingOptions> {
  const names = Object.keys(defaults) as (keyof HousekeepingOptions)[];
  const given = names.filter((name) => parts[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, parts[name]]));
}
