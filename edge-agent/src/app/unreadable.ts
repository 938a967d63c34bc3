import type { DeadLetters } from '@foyer/cloud-sync/engine';
import type { Logger } from '@foyer/platform';

/** Letters written a second; beyond it payloads are counted only, so that a flood fills no disk. */
const lettersPerS = 10;

/** What could not be read: counted by link, kept for a person within bounds, never a crash. */
export class Unreadable {
  readonly #letters: DeadLetters;
  readonly #logger: Logger;
  readonly #monotonicMs: () => number;
  readonly #counts = new Map<string, number>();
  #second = 0;
  #inSecond = 0;

  constructor(letters: DeadLetters, logger: Logger, monotonicMs: () => number) {
    this.#letters = letters;
    this.#logger = logger;
    this.#monotonicMs = monotonicMs;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  note(
    link: 'mesh' | 'mqtt',
    peer: string,
    payload: Uint8Array,
    error: { code: string; message: string },
  ): void {
    this.#counts.set(link, (this.#counts.get(link) ?? 0) + 1);
    const second = Math.floor(this.#monotonicMs() / 1000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    this.#inSecond += 1;
    if (this.#inSecond > lettersPerS) return;
    const { code, message } = error;
    this.#logger.warn('payload-unreadable', { link, peer, code, sizeBytes: payload.byteLength });
    try {
      this.#letters.add({ kind: 'payload', peer, code, message, payload });
    } catch (failure) {
      const detail = failure instanceof Error ? failure.message : String(failure);
      this.#logger.warn('dead-letter-not-kept', { detail });
    }
  }
}
