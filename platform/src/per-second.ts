/** Counts what is let through in a second; the rest is left out, and how much that was is told. */
export class PerSecond {
  readonly #most: number;
  #second = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #leftOut = 0;

  /** @param most how many are let through in a second */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param nowMs monotonic milliseconds. @returns true when this one is within the bound. */
  take(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    this.#taken += 1;
    if (this.#taken <= this.#most) return true;
    this.#leftOut += 1;
    return false;
  }

  /** How many were left out since this was last asked. */
  leftOut(): number {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count;
  }
}
