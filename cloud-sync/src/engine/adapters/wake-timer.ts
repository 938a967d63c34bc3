import type { Clock, Timer } from '@foyer/platform';

/** One timer for everything that a node waits for: it fires at the earliest of what was asked. */
export class WakeTimer {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #fire: (nowMs: number) => number;
  #timer: Timer | null = null;
  #atMs = Number.POSITIVE_INFINITY;
  #closed = false;

  /** `fire` gets the monotonic time and answers when it wants to be called again. */
  constructor(name: string, clock: Clock, fire: (nowMs: number) => number) {
    this.#name = name;
    this.#clock = clock;
    this.#fire = fire;
  }

  wakeIn(delayMs: number): void {
    if (this.#closed || !Number.isFinite(delayMs)) return;
    const nowMs = this.#clock.monotonicMs();
    const atMs = nowMs + Math.max(0, delayMs);
    if (atMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.setTimer(this.#name, atMs - nowMs, () => this.#due());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #due(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    const nextMs = this.#fire(nowMs);
    // A timer may fire a fraction early; asking again at once would only spin.
    this.wakeIn(Math.max(1, nextMs - nowMs));
  }
}
