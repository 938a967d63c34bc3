import type { Clock, Timer } from '../../clock.ts';

/** No chain has so many nodes; the bound is against a flood of invented names. */
const maxPeers = 100_000;

export interface HeardPeersOptions {
  clock: Clock;
  /** A peer that was not heard for so long is gone. */
  heardMs: number;
  changed(peer: string, connected: boolean): void;
}

/** Who was heard lately: all that a broker's client can know of the clients at the other end. */
export class HeardPeers {
  readonly #options: HeardPeersOptions;
  // In the order that they were last heard, the longest silent first.
  readonly #lastHeardMs = new Map<string, number>();
  #sweep: Timer | null = null;

  constructor(options: HeardPeersOptions) {
    this.#options = options;
  }

  note(peer: string): void {
    const known = this.#lastHeardMs.delete(peer);
    this.#lastHeardMs.set(peer, this.#options.clock.monotonicMs());
    if (known) return;
    if (this.#lastHeardMs.size > maxPeers) this.#forgetOldest();
    this.#sweep ??= this.#schedule();
    this.#options.changed(peer, true);
  }

  list(): string[] {
    return [...this.#lastHeardMs.keys()];
  }

  forgetAll(): void {
    const peers = this.list();
    this.#lastHeardMs.clear();
    for (const peer of peers) this.#options.changed(peer, false);
  }

  close(): void {
    this.#sweep?.cancel();
    this.#sweep = null;
  }

  #schedule(): Timer {
    return this.#options.clock.setTimer('mqtt-silent-peers', this.#options.heardMs / 4, () => {
      const limit = this.#options.clock.monotonicMs() - this.#options.heardMs;
      for (const [peer, lastMs] of this.#lastHeardMs) {
        if (lastMs > limit) break;
        this.#lastHeardMs.delete(peer);
        this.#options.changed(peer, false);
      }
      this.#sweep = this.#lastHeardMs.size > 0 ? this.#schedule() : null;
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#lastHeardMs.keys();
    if (oldest === undefined) return;
    this.#lastHeardMs.delete(oldest);
    this.#options.changed(oldest, false);
  }
}
