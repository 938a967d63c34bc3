/**
 * Ends a request when somebody else ends, or when nothing moved for a while. AbortSignal.any would
 * do, but Node 20 keeps 2 KB for each use with a signal that lives as long as the program: 1 GB a
 * day at six requests a second.
 */
export class QuietLimit {
  readonly #controller = new AbortController();
  readonly #other: AbortSignal;
  readonly #quietMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param quietMs so long may pass from the start, and from each `moved`, to the next one */
  constructor(other: AbortSignal, quietMs: number) {
    this.#other = other;
    this.#quietMs = quietMs;
    if (other.aborted) this.#controller.abort();
    other.addEventListener('abort', this.#onOther);
    this.moved();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  moved(): void {
    clearTimeout(this.#timer);
    const abort = (): void => this.#controller.abort(new Error(`Quiet for ${this.#quietMs} ms.`));
    this.#timer = setTimeout(abort, this.#quietMs);
  }

  /** Call it always: nothing is held after it. */
  end(): void {
    clearTimeout(this.#timer);
    this.#other.removeEventListener('abort', this.#onOther);
  }

  readonly #onOther = (): void => this.#controller.abort();
}
