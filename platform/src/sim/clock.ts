import type { Clock, Timer } from '../clock.ts';

interface Entry {
  name: string;
  dueMs: number;
  order: number;
  fire: () => void;
}

/** 2026-01-01T00:00:00Z: a wall clock that is plainly set. */
const defaultWallMs = 1_767_225_600_000;

/** How many timers may fire without time moving, before a loop is suspected. */
const maxFiresAtOnce = 1_000_000;

/**
 * Virtual time. Timers fire in the order of their due time and, among equals, in the order they
 * were set; nothing moves unless it is told to.
 */
export class SimClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  readonly #afterEach: () => void;
  #order = 0;
  // Sorted by (dueMs, order), the next one last.
  readonly #entries: Entry[] = [];

  /** @param afterEach runs after each timer that fired, for instance to let promises settle. */
  constructor(wallMs: number = defaultWallMs, afterEach: () => void = () => {}) {
    this.#wallOffsetMs = wallMs;
    this.#afterEach = afterEach;
  }

  nowMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  setTimer(name: string, delayMs: number, fire: () => void): Timer {
    this.#order += 1;
    const entry: Entry = {
      name,
      dueMs: this.#monotonicMs + Math.max(0, delayMs),
      order: this.#order,
      fire,
    };
    this.#insert(entry);
    return { cancel: () => this.#remove(entry) };
  }

  /** Names of the timers that are still to fire, the next one first. */
  pending(): string[] {
    return this.#entries.map((entry) => entry.name).toReversed();
  }

  /** The wall clock jumps, as when someone sets it; timers are not touched. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Moves time on and fires what comes due on the way. */
  advance(byMs: number): void {
    const untilMs = this.#monotonicMs + byMs;
    for (let fires = 0; this.#fireNext(untilMs); fires += 1) refuseLoop(fires);
    this.#monotonicMs = untilMs;
  }

  /** Like `advance`, and lets promises settle after each timer. */
  async advanceAsync(byMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + byMs;
    await settle();
    for (let fires = 0; this.#fireNext(untilMs); fires += 1) {
      refuseLoop(fires);
      await settle();
    }
    this.#monotonicMs = untilMs;
  }

  /** Fires timers until `condition` holds (true) or `limitMs` of virtual time passed (false). */
  runUntil(condition: () => boolean, limitMs: number): boolean {
    const untilMs = this.#monotonicMs + limitMs;
    for (let fires = 0; !condition(); fires += 1) {
      refuseLoop(fires);
      if (!this.#fireNext(untilMs)) {
        this.#monotonicMs = untilMs;
        return condition();
      }
    }
    return true;
  }

  /** Like `runUntil`, and lets promises settle after each timer. */
  async runUntilAsync(condition: () => boolean, limitMs: number): Promise<boolean> {
    const untilMs = this.#monotonicMs + limitMs;
    await settle();
    for (let fires = 0; !condition(); fires += 1) {
      refuseLoop(fires);
      if (!this.#fireNext(untilMs)) {
        this.#monotonicMs = untilMs;
        await settle();
        return condition();
      }
      await settle();
    }
    return true;
  }

  #fireNext(untilMs: number): boolean {
    const entry = this.#entries.at(-1);
    if (entry === undefined || entry.dueMs > untilMs) return false;
    this.#entries.pop();
    this.#monotonicMs = Math.max(this.#monotonicMs, entry.dueMs);
    entry.fire();
    this.#afterEach();
    return true;
  }

  /** The place before which every entry is later than (dueMs, order). */
  #place(dueMs: number, order: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      const later =
        entry !== undefined &&
        (entry.dueMs > dueMs || (entry.dueMs === dueMs && entry.order > order));
      if (later) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(entry: Entry): void {
    this.#entries.splice(this.#place(entry.dueMs, entry.order), 0, entry);
  }

  #remove(entry: Entry): void {
    const place = this.#place(entry.dueMs, entry.order);
    if (this.#entries[place] === entry) this.#entries.splice(place, 1);
  }
}

function refuseLoop(fires: number): void {
  if (fires > maxFiresAtOnce) throw new Error('The simulated timers never come to rest.');
}

/** Lets every promise that can settle do so, without time moving. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
