import { isFoyerError } from '@foyer/contracts';
import type { Clock, Link, LinkLimits, Timer } from '@foyer/platform';

import { egressLanes, FairShare, Pace, type EgressLane } from '../domain/egress-plan.ts';
import { cutFrame } from '../domain/pieces.ts';

/** Makes frames one at a time, when there is room for one; null ends it. */
export type FrameStream = () => Uint8Array | null;

interface Item {
  peer: string;
  next: FrameStream;
  /** A later stream of the same name takes an earlier one's place. */
  key: string | null;
  /** Of the frame that was made last, those that the link has not taken yet. */
  payloads: readonly Uint8Array[];
  sent: () => void;
}

/** A frame that is too large to be cut into pieces. */
export interface DroppedFrame {
  peer: string;
  lane: EgressLane;
  sizeBytes: number;
  maxBytes: number;
}

/** Payloads that may wait in a lane; what exceeds them is refused, and asked for again later. */
const maxItemsPerLane = 1024;
/** A link that takes nothing now is asked again after this. */
const retryMs = 4;
/** A frame that a connected link refuses for so long is given up: it is asked for again. */
const maxRefusals = 2500;

/**
 * Sends frames over one link within its limits, lane by lane: control and ledger first, the others
 * by turns. What it accepted may still be lost, as on the link itself.
 */
export class Egress {
  readonly #link: Link;
  readonly #clock: Clock;
  #pace: Pace;
  #paced: LinkLimits;
  readonly #share = new FairShare();
  readonly #lanes = new Map<EgressLane, Item[]>();
  #timer: Timer | null = null;
  #pumping = false;
  #refusals = 0;
  #closed = false;
  readonly #tooLarge: (dropped: DroppedFrame) => void;

  /** @param tooLarge is told of frames that go on no link: whoever made them erred */
  constructor(link: Link, clock: Clock, tooLarge: (dropped: DroppedFrame) => void = noop) {
    this.#tooLarge = tooLarge;
    this.#link = link;
    this.#clock = clock;
    this.#paced = link.limits;
    this.#pace = new Pace(this.#paced, clock.monotonicMs());
    for (const lane of egressLanes) this.#lanes.set(lane, []);
  }

  /** Counts a payload that came in: some links' limits are on both directions together. */
  received(sizeBytes: number): void {
    this.#pace.spend(this.#clock.monotonicMs(), sizeBytes);
  }

  /** @param sent is called when the link took it. @returns false when the lane is full. */
  send(lane: EgressLane, peer: string, frame: Uint8Array, sent: () => void = noop): boolean {
    let made: Uint8Array | null = frame;
    const next: FrameStream = () => {
      const once = made;
      made = null;
      return once;
    };
    return this.#add(lane, { peer, next, key: null, payloads: [], sent });
  }

  /** Sends what `next` makes, a frame whenever there is room, until it answers null. */
  stream(lane: EgressLane, peer: string, key: string, next: FrameStream): boolean {
    const items = this.#items(lane);
    const same = items.find((item) => item.key === key && item.peer === peer);
    if (same !== undefined) {
      same.next = next;
      return true;
    }
    return this.#add(lane, { peer, next, key, payloads: [], sent: noop });
  }

  /** How many payloads or streams wait. */
  waiting(lane: EgressLane): number {
    return this.#items(lane).length;
  }

  /** Drops what waits for a peer that went away. */
  forget(peer: string): void {
    for (const [lane, items] of this.#lanes) {
      this.#lanes.set(
        lane,
        items.filter((item) => item.peer !== peer),
      );
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const lane of egressLanes) this.#lanes.set(lane, []);
  }

  #items(lane: EgressLane): Item[] {
    return this.#lanes.get(lane) ?? [];
  }

  #add(lane: EgressLane, item: Item): boolean {
    const items = this.#items(lane);
    if (this.#closed || items.length >= maxItemsPerLane) return false;
    if (items.length === 0) this.#share.enter(lane, (other) => this.waiting(other) > 0);
    items.push(item);
    this.#pump();
    return true;
  }

  #later(delayMs: number): void {
    if (this.#timer !== null || this.#closed) return;
    this.#timer = this.#clock.setTimer('egress', delayMs, () => {
      this.#timer = null;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping || this.#timer !== null) return;
    this.#pumping = true;
    try {
      this.#drain();
    } finally {
      this.#pumping = false;
    }
  }

  #drain(): void {
    for (;;) {
      const lane = this.#share.choose((name) => this.waiting(name) > 0);
      if (lane === null) return;
      const waitMs = this.#paceInForce().waitMs(this.#clock.monotonicMs());
      if (waitMs > 0) {
        this.#later(waitMs);
        return;
      }
      const outcome = this.#sendFrom(lane);
      if (outcome === 'refused') {
        this.#later(retryMs);
        return;
      }
      // Making a frame takes a while: whoever else waits for this thread goes first.
      if (outcome === 'streamed' && this.#anythingWaits()) {
        this.#later(0);
        return;
      }
    }
  }

  // A link that fails over to another has that one's limits from then on.
  #paceInForce(): Pace {
    const { limits } = this.#link;
    if (limits !== this.#paced) {
      this.#paced = limits;
      this.#pace = new Pace(limits, this.#clock.monotonicMs());
    }
    return this.#pace;
  }

  #anythingWaits(): boolean {
    return egressLanes.some((lane) => this.waiting(lane) > 0);
  }

  #sendFrom(lane: EgressLane): 'sent' | 'streamed' | 'refused' | 'ended' {
    const items = this.#items(lane);
    const item = items[0];
    if (item === undefined) return 'ended';
    if (item.payloads.length === 0) item.payloads = this.#make(lane, item);
    const [payload, ...others] = item.payloads;
    if (payload === undefined) {
      items.shift();
      return 'ended';
    }
    if (!this.#link.send(item.peer, payload)) return this.#refused(items, item);
    this.#refusals = 0;
    this.#pace.spend(this.#clock.monotonicMs(), payload.byteLength);
    this.#share.sent(lane, payload.byteLength);
    item.payloads = others;
    const whole = others.length === 0;
    if (!whole && item.key === null) return 'streamed';
    items.shift();
    if (whole) item.sent();
    if (item.key === null) return 'sent';
    items.push(item);
    return 'streamed';
  }

  /** The next frame in payloads that the link carries; none where it ended, or never will be. */
  #make(lane: EgressLane, item: Item): readonly Uint8Array[] {
    const frame = item.next();
    if (frame === null) return [];
    const maxBytes = this.#link.limits.maxPayloadBytes;
    try {
      return cutFrame(frame, maxBytes);
    } catch (error) {
      if (!isFoyerError(error)) throw error;
      this.#tooLarge({ peer: item.peer, lane, sizeBytes: frame.byteLength, maxBytes });
      return [];
    }
  }

  #refused(items: Item[], item: Item): 'refused' | 'ended' {
    // The limits may have become smaller since the payload was cut.
    const sizeBytes = item.payloads[0]?.byteLength ?? 0;
    const tooLarge = sizeBytes > this.#link.limits.maxPayloadBytes;
    const gone = !this.#link.peers().includes(item.peer);
    this.#refusals += 1;
    if (!tooLarge && !gone && this.#refusals < maxRefusals) return 'refused';
    this.#refusals = 0;
    items.shift();
    return 'ended';
  }
}

const noop = (): void => undefined;
