import type { Play } from '@foyer/contracts';

import type { PlayQueue, PlayStorage } from './play-queue.ts';

/** What a play is of. */
export type PlayStart = Pick<
  Play,
  'itemId' | 'campaignId' | 'decisionId' | 'programmeHash' | 'startedAtMs'
>;

const saveEveryMs = 5000;

/**
 * Starts and ends of plays, each under one id. The one that is on is noted in localStorage, so
 * that the page that comes after a killed one can say when it ended.
 */
export class Plays {
  readonly #screenId: string;
  readonly #queue: PlayQueue;
  readonly #storage: PlayStorage | null;
  readonly #key: string;
  #current: Play | null = null;
  #savedAtMs = -Infinity;
  /** Since the page was loaded. */
  started = 0;
  ended = 0;

  constructor(screenId: string, queue: PlayQueue, storage: PlayStorage | null) {
    this.#screenId = screenId;
    this.#queue = queue;
    this.#storage = storage;
    this.#key = `foyer-playing-${screenId}`;
    this.#endLeftover();
  }

  get current(): Play | null {
    return this.#current;
  }

  start(play: PlayStart): void {
    this.end(play.startedAtMs, 'cut');
    this.#current = {
      ...play,
      playId: crypto.randomUUID(),
      screenId: this.#screenId,
      startedAtMs: Math.round(play.startedAtMs),
      endedAtMs: null,
      outcome: 'playing',
      display: 'unsampled',
    };
    this.started += 1;
    this.#queue.add(this.#current);
    this.#save(this.#current.startedAtMs);
  }

  /** What the pixels said; one sample that differs outweighs those that matched. */
  sampled(display: Play['display']): void {
    const play = this.#current;
    if (!play || display === 'unsampled' || play.display === 'differed') return;
    this.#current = { ...play, display };
  }

  end(nowMs: number, outcome: 'complete' | 'cut' | 'failed'): void {
    const play = this.#current;
    if (!play) return;
    this.#current = null;
    this.ended += 1;
    const endedAtMs = Math.max(play.startedAtMs, Math.round(nowMs));
    this.#queue.add({ ...play, endedAtMs, outcome });
    this.#forget();
  }

  /** Call it about once a second. */
  tick(nowMs: number): void {
    if (this.#current && Math.abs(nowMs - this.#savedAtMs) >= saveEveryMs) this.#save(nowMs);
  }

  #save(nowMs: number): void {
    this.#savedAtMs = nowMs;
    const play = this.#current;
    if (!play) return;
    const seen = { ...play, endedAtMs: Math.max(play.startedAtMs, Math.round(nowMs)) };
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ ...seen, outcome: 'cut' }));
    } catch {
      // Without it the agent ends the play, at a time that it knows less well.
    }
  }

  #forget(): void {
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // A storage that cannot be written holds nothing either.
    }
  }

  #endLeftover(): void {
    try {
      const text = this.#storage?.getItem(this.#key) ?? null;
      if (text === null) return;
      this.#queue.add(JSON.parse(text) as Play);
    } catch {
      // Unreadable: the agent ends that play.
    }
    this.#forget();
  }
}
