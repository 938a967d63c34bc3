import type { Clock, Logger, Timer } from '@foyer/platform';

import type { MediaStore } from './media-store.ts';

const betweenFilesMs = 1_000;

export interface RehashOptions {
  readonly store: MediaStore;
  /** How fast files are read; 0: never. */
  readonly bytesPerS: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A file was damaged and is set aside. */
  readonly onDamaged: (sha256: string) => void;
}

/** Hashes stored files anew, one after the other, for as long as the player runs. */
export class Rehash {
  readonly #options: RehashOptions;
  /** When each was last read, monotonic. */
  readonly #seen = new Map<string, number>();
  readonly #urgent = new Set<string>();
  #timer: Timer | null = null;
  #isBusy = false;
  #closed = false;

  constructor(options: RehashOptions) {
    this.#options = options;
  }

  start(): void {
    this.#arm(betweenFilesMs);
  }

  /** Somebody could not play this file: it is next, and read as fast as can be. */
  check(sha256: string): void {
    if (!this.#options.store.has(sha256) || this.#urgent.size > 100) return;
    this.#urgent.add(sha256);
    if (!this.#isBusy) this.#arm(0);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#timer = this.#options.clock.setTimer('rehash', delayMs, () => void this.#next());
  }

  async #next(): Promise<void> {
    const { store, bytesPerS, clock, logger, onDamaged } = this.#options;
    const [urgent] = this.#urgent;
    const sha256 = urgent ?? (bytesPerS > 0 ? this.#oldest() : undefined);
    if (sha256 === undefined) {
      if (bytesPerS > 0) this.#arm(betweenFilesMs);
      return;
    }
    this.#isBusy = true;
    const pace = (bytes: number): Promise<void> =>
      new Promise((resolve) => {
        const delayMs = this.#closed ? 0 : (bytes * 1000) / bytesPerS;
        clock.setTimer('rehash-pace', delayMs, resolve);
      });
    const sound = await store.isSound(sha256, urgent === undefined ? pace : undefined);
    this.#isBusy = false;
    this.#urgent.delete(sha256);
    this.#seen.set(sha256, clock.monotonicMs());
    if (!sound && store.has(sha256) && !this.#closed) {
      logger.warn('file-set-aside', { sha256, why: 'hash' });
      await store.setAside(sha256);
      onDamaged(sha256);
    }
    this.#arm(this.#urgent.size > 0 ? 0 : betweenFilesMs);
  }

  #oldest(): string | undefined {
    const files = this.#options.store.files().map(({ sha256 }) => sha256);
    for (const sha256 of this.#seen.keys()) if (!files.includes(sha256)) this.#seen.delete(sha256);
    const age = (sha256: string): number => this.#seen.get(sha256) ?? Number.NEGATIVE_INFINITY;
    let oldest: string | undefined;
    for (const sha256 of files) {
      if (oldest === undefined || age(sha256) < age(oldest)) oldest = sha256;
    }
    return oldest;
  }
}
