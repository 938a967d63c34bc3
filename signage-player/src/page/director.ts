import type { Item } from '@foyer/contracts';

import type { Slot } from '../domain/schedule/index.ts';
import type { AgentClock } from './clock.ts';
import { Unshowable, objectOf, type Content } from './content.ts';
import { afterFrames } from './frames.ts';
import type { DataOf } from './layer.ts';
import type { Plays } from './plays.ts';
import { StallWatch } from './stall.ts';
import type { Stage } from './stage.ts';

/** A turn of an item on this screen. */
interface Turn {
  readonly item: Item;
  readonly slot: Slot;
  readonly endMs: number;
  /** It fills the time of one that cannot be shown. */
  readonly early: boolean;
}

interface Shown extends Turn {
  readonly shownAtMs: number;
  /** The agent's time at which a film's position was 0. */
  readonly zeroAtMs: number;
}

interface Pending {
  readonly turn: Turn;
  readonly sinceMs: number;
  readonly zeroAtMs: number;
}

/** An item that could not be shown: its slots from `fromMs` on are left out for a while. */
interface Bad {
  readonly fromMs: number;
  readonly untilMonotonicMs: number;
}

/** What the director is given. */
export interface DirectorPorts {
  readonly clock: AgentClock;
  readonly stage: Stage;
  readonly plays: Plays;
  readonly dataOf: DataOf;
  /** The pure schedule; null while there is no programme. */
  readonly decide: (nowMs: number) => Slot | null;
  readonly programmeHash: () => string;
  readonly content: (item: Item) => Content;
  /** An emergency is on for this screen. */
  readonly isEmergency: () => boolean;
  readonly onFault: (code: string, object: string) => void;
  /** What is on has changed. */
  readonly onChange: () => void;
  /** The moment between two items. */
  readonly onBoundary: () => void;
}

export type Mode = 'normal' | 'standby' | 'emergency' | 'fallback';

/** An item that could not be shown is tried again after this. */
const badMs = 60_000;
/** A next item that is not ready this long after its start is skipped. */
const lateMs = 3000;
const leastLateMs = 1000;
/** A play that is shorter than its slot by more than this was cut. */
const cutMs = 500;
/** After a swap the new picture has the machine for itself for a moment. */
const settleMs = 300;
const mostSkipped = 8;
const mostBad = 200;
/**
 * A film's pictures come 50 to 80 ms after it was told to run: it begins this long before its time,
 * beneath what is on, and moves when it comes on.
 */
const leadMs = 80;
const halfFrameMs = 8;
const longestWaitMs = 60_000;

/**
 * Brings each item on in its second. It decides nothing: what is on is the schedule's answer for
 * the agent's time; here is only how to get from one picture to the next without a gap.
 */
export class Director {
  readonly #ports: DirectorPorts;
  readonly #stall = new StallWatch();
  readonly #bad = new Map<string, Bad>();
  #shown: Shown | null = null;
  #pending: Pending | null = null;
  #isPendingReady = false;
  #mode: Mode = 'fallback';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #settled = true;
  #stopped = false;

  constructor(ports: DirectorPorts) {
    this.#ports = ports;
  }

  get mode(): Mode {
    return this.#mode;
  }

  get shown(): Shown | null {
    return this.#shown;
  }

  /**
   * Looks at the schedule and does what it says; call it as often as anything has changed.
   *
   * @param atLeastMs - The boundary that this was waiting for: a frame early is on time.
   */
  step(atLeastMs = 0): void {
    if (this.#stopped) return;
    const { isEmergency, decide } = this.#ports;
    const now = Math.max(this.#ports.clock.now(), atLeastMs);
    if (isEmergency()) return this.#enter('emergency', now);
    if (this.#mode === 'emergency') this.#enter('fallback', now);
    const turn = this.#turnAt(now);
    if (turn === 'standby' || turn === 'fallback') {
      this.#enter(turn, now);
      const slot = decide(now);
      if (slot) this.#wakeAt(slot.endMs);
      return;
    }
    if (this.#shown !== null && goesOn(this.#shown, turn)) {
      this.#shown = { ...this.#shown, slot: turn.slot, endMs: turn.endMs };
      this.#prepareNext();
      this.#wakeAt(turn.endMs);
      return;
    }
    this.#bring(turn, now);
  }

  /** Once a second: boards go on. */
  tick(): void {
    this.refresh();
    this.#ports.plays.tick(this.#ports.clock.now());
    this.step();
  }

  /** Live state or the time went on: what is drawn of it is drawn anew, in both layers. */
  refresh(): void {
    const { stage, dataOf } = this.#ports;
    stage.front?.update(dataOf);
    if (this.#isPendingReady) stage.hidden.update(dataOf);
  }

  /** Several times a second: whether what is on still lives. */
  watch(monotonicMs: number): void {
    const { stage, clock } = this.#ports;
    const shown = this.#shown;
    const front = stage.front;
    if (!shown || !front) return;
    const complaint = front.complaint();
    if (complaint) return this.#fail(shown, complaint);
    if (front.content?.kind !== 'video') return;
    const { video } = front;
    const progress = { positionMs: video.currentTime * 1000, resting: video.ended };
    if (this.#stall.observe(progress, monotonicMs)) {
      const object = front.content.file.sha256;
      return this.#fail(shown, new Unshowable('playback-stalled', object, 'stands still'));
    }
    if (!video.ended && !video.loop) front.steer(clock.now() - shown.zeroAtMs);
  }

  /** Leaves the item that is on, at once; false where none is. */
  skip(): boolean {
    const shown = this.#shown;
    if (!shown) return false;
    this.#setBad(shown, Math.max(this.#ports.clock.untilMs(shown.endMs), 1000));
    this.step();
    return true;
  }

  /** There is a new programme: what could not be shown is tried again. */
  forgive(): void {
    this.#bad.clear();
  }

  /** Ends the play that is on, and looks at the schedule no more; the picture stays. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settle);
    this.#ports.plays.end(this.#ports.clock.now(), 'cut');
  }

  // The schedule's answer, with items that cannot be shown left out: their time goes to the next.
  #turnAt(atMs: number): Turn | 'standby' | 'fallback' {
    const first = this.#ports.decide(atMs);
    if (first === null) return 'fallback';
    let slot: Slot | null = first;
    for (let step = 0; step < mostSkipped && slot !== null; step += 1) {
      if (slot.kind === 'standby') return 'standby';
      if (slot.kind !== 'item' || slot.item === null) return 'fallback';
      if (!this.#isBad(slot)) return { item: slot.item, slot, endMs: first.endMs, early: step > 0 };
      slot = this.#ports.decide(slot.endMs);
    }
    return 'fallback';
  }

  #isBad(slot: Slot): boolean {
    const bad = slot.item === null ? undefined : this.#bad.get(slot.item.itemId);
    if (!bad || slot.startMs < bad.fromMs) return false;
    return performance.now() < bad.untilMonotonicMs;
  }

  #setBad(turn: Turn, forMs = badMs): void {
    const untilMonotonicMs = performance.now() + forMs;
    this.#bad.set(turn.item.itemId, { fromMs: turn.slot.startMs, untilMonotonicMs });
    const oldest = this.#bad.keys().next().value;
    if (this.#bad.size > mostBad && oldest !== undefined) this.#bad.delete(oldest);
  }

  #fail(shown: Shown, fault: Unshowable): void {
    this.#ports.onFault(fault.code, fault.object);
    this.#setBad(shown);
    this.#ports.plays.end(this.#ports.clock.now(), 'failed');
    this.step();
  }

  #enter(mode: 'emergency' | 'standby' | 'fallback', now: number): void {
    const { stage, plays, onChange } = this.#ports;
    if (this.#mode === mode && this.#shown === null && this.#pending === null) return;
    this.#mode = mode;
    this.#pending = null;
    plays.end(now, this.#outcomeAt(now));
    this.#shown = null;
    stage.setCover(mode === 'fallback' ? null : mode);
    const left = stage.front;
    stage.toGround();
    // The cover is up in the same frame; what was on goes once that frame is out.
    afterFrames(
      () => left !== null && stage.front !== left && this.#pending === null && left.clear(),
    );
    onChange();
  }

  #bring(turn: Turn, now: number): void {
    const pending = this.#pending;
    if (pending === null) return this.#prepare(turn, now);
    const isLate = !this.#isPendingReady && this.#isLate(pending);
    if (isLate && now >= pending.turn.slot.startMs) return this.#giveUp(pending.turn);
    if (!isSame(pending.turn, turn)) return this.#prepare(turn, now);
    if (this.#isPendingReady) this.#swap(pending, now);
  }

  // Half of a short slot, else three seconds; measured by the page, so that it holds in previews.
  #isLate({ turn, sinceMs }: Pending): boolean {
    const { clock } = this.#ports;
    const waitedMs = -clock.untilMs(Math.max(sinceMs, turn.slot.startMs));
    const slotMs = clock.untilMs(turn.endMs) - clock.untilMs(turn.slot.startMs);
    return waitedMs > Math.min(lateMs, Math.max(slotMs / 2, leastLateMs));
  }

  #giveUp(turn: Turn): void {
    this.#ports.onFault('media-missing', objectOf(this.#ports.content(turn.item)));
    this.#leaveOut(turn);
  }

  #leaveOut(turn: Turn): void {
    this.#pending = null;
    this.#setBad(turn);
    this.step();
  }

  #swap(pending: Pending, now: number): void {
    const { stage, plays, clock } = this.#ports;
    const { turn, zeroAtMs } = pending;
    const outcome = this.#outcomeAt(now);
    const left = stage.front;
    const leftMs = clock.untilMs(turn.endMs);
    const { video, content } = stage.hidden;
    const restMs = (video.duration - video.currentTime) * 1000;
    stage.swap(content?.kind === 'video' && restMs < leftMs - cutMs);
    stage.setCover(null);
    this.#pending = null;
    this.#mode = 'normal';
    this.#shown = { ...turn, shownAtMs: now, zeroAtMs };
    this.#stall.reset(performance.now());
    plays.end(now, outcome);
    plays.start({
      itemId: turn.item.itemId,
      campaignId: turn.slot.campaignId,
      decisionId: turn.slot.decision?.decisionId ?? null,
      programmeHash: this.#ports.programmeHash(),
      startedAtMs: now,
    });
    this.#ports.onChange();
    this.#ports.onBoundary();
    this.#settled = false;
    clearTimeout(this.#settle);
    const settle = (): void => {
      if (left !== null && stage.front !== left && this.#pending === null) left.clear();
      this.#settled = true;
      this.#prepareNext();
    };
    this.#settle = setTimeout(() => afterFrames(settle), Math.min(settleMs, leftMs / 4));
    this.#wakeAt(turn.endMs);
  }

  #prepareNext(): void {
    const shown = this.#shown;
    if (!shown || !this.#settled || this.#stopped) return;
    const next = this.#turnAt(shown.endMs);
    if (next === 'standby' || next === 'fallback') return;
    if (this.#pending !== null && isSame(this.#pending.turn, next)) return;
    this.#prepare(next, this.#ports.clock.now());
  }

  #prepare(turn: Turn, now: number): void {
    const { stage, dataOf, content, onFault } = this.#ports;
    const lateMsNow = turn.early ? 0 : Math.max(0, now - turn.slot.startMs);
    const joinsAtMs = lateMsNow > settleMs ? lateMsNow : 0;
    const zeroAtMs = turn.early ? now : turn.slot.startMs;
    const pending: Pending = { turn, sinceMs: now, zeroAtMs };
    this.#pending = pending;
    this.#isPendingReady = false;
    const load = async (): Promise<void> =>
      stage.hidden.prepare(content(turn.item), joinsAtMs, dataOf);
    load().then(
      () => {
        if (this.#pending !== pending) return;
        this.#isPendingReady = true;
        this.step();
      },
      (error: unknown) => {
        if (this.#pending !== pending) return;
        if (error instanceof Unshowable) onFault(error.code, error.object);
        this.#leaveOut(turn);
      },
    );
  }

  #outcomeAt(now: number): 'complete' | 'cut' {
    const shown = this.#shown;
    if (!shown) return 'cut';
    const slotMs = shown.endMs - shown.slot.startMs;
    return now - shown.shownAtMs >= slotMs - cutMs ? 'complete' : 'cut';
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#timer);
    const waitMs = Math.min(Math.max(0, this.#ports.clock.untilMs(atMs) - leadMs), longestWaitMs);
    this.#timer = setTimeout(() => this.#await(atMs), waitMs);
  }

  // The last few milliseconds go by frames, so that the swap is in the frame that it belongs to.
  #await(atMs: number): void {
    if (this.#stopped) return;
    const leftMs = this.#ports.clock.untilMs(atMs);
    if (leftMs > leadMs) return this.#wakeAt(atMs);
    if (leftMs <= halfFrameMs) return this.step(atMs);
    if (this.#isPendingReady && this.#pending?.turn.slot.startMs === atMs) {
      this.#ports.stage.hidden.start(false);
    }
    requestAnimationFrame(() => this.#await(atMs));
  }
}

const isSame = (one: Turn, other: Turn): boolean =>
  one.item.itemId === other.item.itemId &&
  one.slot.startMs === other.slot.startMs &&
  one.early === other.early;

// The same item, and no boundary between: a programme or live state moved the slot beneath it.
function goesOn(shown: Shown, turn: Turn): boolean {
  if (shown.item.itemId !== turn.item.itemId || shown.early !== turn.early) return false;
  if (shown.slot.campaignId !== turn.slot.campaignId) return false;
  return turn.slot.startMs === shown.slot.startMs || turn.slot.startMs < shown.endMs;
}
