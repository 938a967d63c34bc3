import type { Message } from '@foyer/contracts';
import type { LinkLimits } from '@foyer/platform';

/** What waits for a link, in the order of its right of way. */
export const egressLanes = ['control', 'ledger', 'feed', 'telemetry', 'bulk'] as const;
export type EgressLane = (typeof egressLanes)[number];

/** The lane that a message goes in: small requests and answers first, then admissions. */
export function egressLaneOf(message: Message): EgressLane {
  switch (message.type) {
    case 'chunk':
    case 'snapshot':
    case 'compared':
    case 'range-rows':
      return 'feed';
    case 'push':
      return message.lane;
    // A screenshot is half a megabyte.
    case 'screen-command-result':
      return 'bulk';
    default:
      return 'control';
  }
}

/** Both ends of a limited link spend from the same allowance; a part is left for what is unseen. */
const usedShare = 0.8;
/** An allowance that lay idle is spent in bursts of at most so many seconds' worth. */
const burstS = 0.05;

/**
 * An allowance that fills steadily. Spending may overdraw it: then nothing is sent until it filled.
 */
class Bucket {
  readonly #perMs: number;
  readonly #most: number;
  #level: number;
  #atMs: number;

  constructor(perS: number, nowMs: number) {
    this.#perMs = (perS * usedShare) / 1000;
    this.#most = Math.max(1, perS * burstS);
    this.#level = this.#most;
    this.#atMs = nowMs;
  }

  spend(nowMs: number, amount: number): void {
    this.#fill(nowMs);
    this.#level -= amount;
  }

  /** Milliseconds until something may be sent; 0 when now. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#level > 0 ? 0 : Math.ceil(-this.#level / this.#perMs) + 1;
  }

  #fill(nowMs: number): void {
    const filled = this.#level + (nowMs - this.#atMs) * this.#perMs;
    this.#level = Math.min(this.#most, filled);
    this.#atMs = nowMs;
  }
}

/** Keeps a link's rates: publishes and bytes a second, in and out together. */
export class Pace {
  readonly #publishes: Bucket | null;
  readonly #bytes: Bucket | null;

  constructor(limits: LinkLimits, nowMs: number) {
    const finite = (perS: number): Bucket | null =>
      Number.isFinite(perS) ? new Bucket(perS, nowMs) : null;
    this.#publishes = finite(limits.maxPublishesPerS);
    this.#bytes = finite(limits.maxBytesPerS);
  }

  /** Counts a payload that was sent or received. */
  spend(nowMs: number, sizeBytes: number): void {
    this.#publishes?.spend(nowMs, 1);
    this.#bytes?.spend(nowMs, sizeBytes);
  }

  waitMs(nowMs: number): number {
    return Math.max(this.#publishes?.waitMs(nowMs) ?? 0, this.#bytes?.waitMs(nowMs) ?? 0);
  }
}

/** Lanes that always go before the others; those others share by bytes. */
const strict: readonly EgressLane[] = ['control', 'ledger'];
const shared: readonly EgressLane[] = ['feed', 'telemetry', 'bulk'];

/** Chooses the lane to send from. */
export class FairShare {
  readonly #sentBytes = new Map<EgressLane, number>();

  /** The lane whose turn it is among those that wait; null when none does. */
  choose(waiting: (lane: EgressLane) => boolean): EgressLane | null {
    const first = strict.find(waiting);
    if (first !== undefined) return first;
    let best: EgressLane | null = null;
    for (const lane of shared) {
      if (!waiting(lane)) continue;
      if (best === null || this.#sent(lane) < this.#sent(best)) best = lane;
    }
    return best;
  }

  /** A lane begins to wait: it has no claim from the time when it had nothing to send. */
  enter(lane: EgressLane, waiting: (lane: EgressLane) => boolean): void {
    const others = shared.filter((other) => other !== lane && waiting(other));
    if (others.length === 0) return;
    const least = Math.min(...others.map((other) => this.#sent(other)));
    this.#sentBytes.set(lane, Math.max(this.#sent(lane), least));
  }

  sent(lane: EgressLane, sizeBytes: number): void {
    this.#sentBytes.set(lane, this.#sent(lane) + sizeBytes);
  }

  #sent(lane: EgressLane): number {
    return this.#sentBytes.get(lane) ?? 0;
  }
}
