/**
 * Adds up the time in which a screen had nothing to show. A look costs next to nothing; the time
 * between two looks counts as blank when both of them found nothing, or when the first did.
 */
export class BlankMeter {
  #lastMs: number | null = null;
  #wasBlank = false;
  #blankMs = 0;

  get blankMs(): number {
    return this.#blankMs;
  }

  look(isBlank: boolean, nowMs: number): void {
    if (this.#lastMs !== null && this.#wasBlank) this.#blankMs += Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#wasBlank = isBlank;
  }
}
