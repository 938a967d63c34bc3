import type { Play } from '@foyer/contracts';

/** Where plays are kept over a reload: the page's localStorage, or nothing. */
export interface PlayStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** Takes plays over, and answers how many; fails while the player is away. */
export type PostPlays = (plays: Play[]) => Promise<number>;

/** Six days of ends at one every eight seconds would not fit; a night without its player does. */
const mostKept = 5000;
/** localStorage holds about 5 million characters a site, shared by the screens of a box. */
const mostStored = 1500;
const batch = 100;
const firstRetryMs = 500;
const lastRetryMs = 10_000;

/**
 * Plays that the player has not taken yet: in memory, and in localStorage over a reload. Each is
 * told twice under one id, and telling it again does nothing, so that a lost answer costs nothing.
 */
export class PlayQueue {
  readonly #key: string;
  readonly #storage: PlayStorage | null;
  readonly #post: PostPlays;
  #waiting: Play[];
  #retryMs = firstRetryMs;
  #sending: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stored = false;
  #closed = false;
  /** Plays that found no room and are lost. */
  dropped = 0;

  constructor(screenId: string, storage: PlayStorage | null, post: PostPlays) {
    this.#key = `foyer-plays-${screenId}`;
    this.#storage = storage;
    this.#post = post;
    this.#waiting = this.#read();
    if (this.#waiting.length > 0) this.#soon(0);
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** An end takes the place of its own start where that was not sent yet. */
  add(play: Play): void {
    const own = this.#sending === null ? this.#recent(play.playId) : -1;
    if (own >= 0) this.#waiting[own] = play;
    else this.#waiting.push(play);
    while (this.#waiting.length > mostKept) {
      this.#waiting.shift();
      this.dropped += 1;
    }
    if (this.#stored) this.#store();
    this.#soon(0);
  }

  /** Keeps what waits where the next page finds it; call it when this one may go. */
  keep(): void {
    this.#store();
  }

  /** Resolves when all is with the player, or after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (this.#waiting.length > 0 && performance.now() < until) {
      this.#retryMs = firstRetryMs;
      await Promise.race([this.#flush(), pause(500)]);
      if (this.#waiting.length > 0) await pause(50);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  // A start is followed by its own end: it is among the last.
  #recent(playId: string): number {
    const from = Math.max(0, this.#waiting.length - 8);
    const found = this.#waiting.slice(from).findIndex((play) => play.playId === playId);
    return found < 0 ? -1 : from + found;
  }

  #soon(delayMs: number): void {
    if (this.#timer !== undefined || this.#sending !== null || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, delayMs);
  }

  #flush(): Promise<void> {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#soon(this.#retryMs === firstRetryMs ? 0 : this.#retryMs);
    });
    return this.#sending;
  }

  async #sendBatch(): Promise<void> {
    const plays = this.#waiting.slice(0, batch);
    if (plays.length === 0) return;
    try {
      await this.#post(plays);
      const sent = new Set(plays);
      this.#waiting = this.#waiting.filter((play) => !sent.has(play));
      this.#retryMs = firstRetryMs;
      if (this.#stored) this.#store();
    } catch {
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
      this.#store();
    }
  }

  #store(): void {
    try {
      if (this.#waiting.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify(this.#waiting.slice(-mostStored)));
      this.#stored = this.#waiting.length > 0;
    } catch {
      // Full or forbidden: what is in memory is still sent.
    }
  }

  #read(): Play[] {
    try {
      const text = this.#storage?.getItem(this.#key) ?? null;
      const plays: unknown = text === null ? [] : JSON.parse(text);
      this.#stored = text !== null;
      return Array.isArray(plays) ? (plays as Play[]) : [];
    } catch {
      return [];
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
