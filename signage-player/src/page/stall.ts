/** Wall time without progress after which a film counts as stuck. */
export const stallMs = 2000;

/** What a film says of itself at a moment. */
export interface Progress {
  readonly positionMs: number;
  /** It came to its end, or is not meant to run. */
  readonly resting: boolean;
}

/**
 * Judges a film by its position alone: elements have said `playing` for hours over a frozen
 * picture. One that does not advance for `stallMs` of monotonic time is stuck.
 */
export class StallWatch {
  #positionMs = -1;
  #movedAtMs = 0;

  /** A new film is on. */
  reset(nowMs: number): void {
    this.#positionMs = -1;
    this.#movedAtMs = nowMs;
  }

  /** Whether it is stuck. */
  observe(progress: Progress, nowMs: number): boolean {
    if (progress.resting || progress.positionMs !== this.#positionMs) {
      this.#positionMs = progress.positionMs;
      this.#movedAtMs = nowMs;
      return false;
    }
    return nowMs - this.#movedAtMs >= stallMs;
  }
}
