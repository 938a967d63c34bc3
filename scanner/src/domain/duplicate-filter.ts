/** Limits of a DuplicateFilter. */
export interface DuplicateLimits {
  /** A text is a new scan once it was out of sight for this long. */
  readonly windowMs: number;
  /** Texts remembered at most; the one unseen for longest is forgotten first. */
  readonly maxTexts: number;
}

/**
 * A phone held before a camera is read many times a second and is one scan. The window starts again
 * at every sight, so a phone that stays is still one scan; one that comes back later is another.
 */
export class DuplicateFilter {
  readonly #limits: DuplicateLimits;
  // In order of last sight: the first is the oldest.
  readonly #lastSeenMs = new Map<string, number>();

  constructor(limits: DuplicateLimits) {
    this.#limits = limits;
  }

  /** Notes a sight of `text` and answers whether it is a new scan. */
  isNew(text: string, nowMs: number): boolean {
    this.#expire(nowMs);
    const isNew = !this.#lastSeenMs.has(text);
    this.#lastSeenMs.delete(text);
    this.#lastSeenMs.set(text, nowMs);
    if (this.#lastSeenMs.size > this.#limits.maxTexts) {
      const oldest = this.#lastSeenMs.keys().next();
      if (!oldest.done) this.#lastSeenMs.delete(oldest.value);
    }
    return isNew;
  }

  /** The next sight of `text` is a new scan: this one could not be delivered. */
  forget(text: string): void {
    this.#lastSeenMs.delete(text);
  }

  /** Texts remembered now. */
  get size(): number {
    return this.#lastSeenMs.size;
  }

  #expire(nowMs: number): void {
    for (const [text, seenMs] of this.#lastSeenMs) {
      if (nowMs - seenMs < this.#limits.windowMs) return;
      this.#lastSeenMs.delete(text);
    }
  }
}
