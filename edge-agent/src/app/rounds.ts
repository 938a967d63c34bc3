import type { Clock, Timer } from '@foyer/platform';

export interface RoundsDeps {
  clock: Clock;
  /** Names the timer. */
  name: string;
  everyMs: number;
  quietEveryMs: number;
  isQuiet: () => boolean;
  work: () => void;
}

/** Work that is done again and again: often while anything happens, seldom in quiet. */
export class Rounds {
  readonly #deps: RoundsDeps;
  #timer: Timer | null = null;
  #doneMs: number;
  #dueMs = 0;

  constructor(deps: RoundsDeps) {
    this.#deps = deps;
    this.#doneMs = deps.clock.monotonicMs();
  }

  start(): void {
    this.#arm(this.#deps.everyMs);
  }

  /** Something happens: what the quiet put off is done now, or when it would have been. */
  catchUp(): void {
    if (this.#timer === null) return;
    const waitMs = this.#doneMs + this.#deps.everyMs - this.#deps.clock.monotonicMs();
    if (waitMs <= 0) this.#round();
    else if (this.#dueMs > this.#doneMs + this.#deps.everyMs) this.#arm(waitMs);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    const { clock, name } = this.#deps;
    this.#timer?.cancel();
    this.#dueMs = clock.monotonicMs() + delayMs;
    this.#timer = clock.setTimer(name, delayMs, () => this.#round());
  }

  #round(): void {
    const { clock, everyMs, quietEveryMs, isQuiet, work } = this.#deps;
    this.#doneMs = clock.monotonicMs();
    this.#arm(isQuiet() ? quietEveryMs : everyMs);
    work();
  }
}
