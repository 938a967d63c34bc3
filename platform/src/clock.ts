/** A timer that was set; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time. Every timer has a name, so that a stuck process can say what it waits for. */
export interface Clock {
  /** Wall clock, UTC milliseconds. It may jump. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; it never goes back. */
  monotonicMs(): number;
  setTimer(name: string, delayMs: number, fire: () => void): Timer;
}
