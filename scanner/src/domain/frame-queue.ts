/** What waits for a decoder. */
export interface Waiting<T> {
  readonly item: T;
  /** Frames of one camera: the newest replaces the older ones. Absent: somebody waits for it. */
  readonly camera?: string | undefined;
}

/** What became of an offer. `dropped` are older frames that the new one made pointless. */
export type Offer<T> =
  | { readonly taken: true; readonly dropped: readonly T[] }
  | { readonly taken: false };

/**
 * Work for busy decoders. A camera has at most one frame here, its newest: an old frame shows a
 * guest who has moved on. Work that somebody waits for is never dropped; when there is no room it
 * is refused.
 */
export class FrameQueue<T> {
  readonly #capacity: number;
  #waiting: Waiting<T>[] = [];

  /** @param capacity entries at most, of both kinds together. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#waiting.length;
  }

  offer(entry: Waiting<T>): Offer<T> {
    const dropped: T[] = [];
    if (entry.camera !== undefined) {
      const older = (other: Waiting<T>): boolean => other.camera === entry.camera;
      dropped.push(...this.#waiting.filter(older).map((other) => other.item));
      this.#waiting = this.#waiting.filter((other) => !older(other));
      // Still full: the oldest frame of any camera gives way.
      const oldest = this.#waiting.findIndex((other) => other.camera !== undefined);
      if (this.#waiting.length >= this.#capacity && oldest >= 0) {
        dropped.push(...this.#waiting.splice(oldest, 1).map((other) => other.item));
      }
    }
    if (this.#waiting.length >= this.#capacity) return { taken: false };
    this.#waiting.push(entry);
    return { taken: true, dropped };
  }

  /** The next to decode, oldest first. */
  take(): T | undefined {
    return this.#waiting.shift()?.item;
  }

  /** Empties the queue. */
  drain(): T[] {
    const all = this.#waiting.map((entry) => entry.item);
    this.#waiting = [];
    return all;
  }
}
