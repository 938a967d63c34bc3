import { backoffMs, wanBackoff } from '@foyer/platform';
import type { Clock, Logger, Random, Timer } from '@foyer/platform';

import type { PlayerConfig } from '../config.ts';
import { makeRoom } from '../domain/store/room.ts';
import { DownloadError, download, isDiskFull } from './download.ts';
import type { DownloadFailure } from './download.ts';
import type { MediaStore } from './media-store.ts';

/** A file to fetch. */
export interface Wanted {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What goes wrong with files, as a fault's code. */
export type StoreFault = 'store-full' | 'media-corrupt' | 'media-missing';

export interface FetcherOptions {
  readonly store: MediaStore;
  readonly mediaUrls: readonly string[];
  readonly settings: PlayerConfig['store'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onStored: (sha256: string) => void;
  readonly onFault: (code: StoreFault, sha256: string) => void;
  readonly onEvicted: (sha256: string) => void;
}

/** Tries in a row after which a file that no server has, or none can be reached for, is a fault. */
const triesBeforeFault = 3;

type Outcome = DownloadFailure | 'stored' | 'corrupt';

/** Fetches files ahead: a few at once, in the order they are wanted, for as long as they are. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #running = new Map<string, AbortController>();
  /** Files that wait for their next try; by sha256. */
  readonly #resting = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  #wanted: readonly Wanted[] = [];
  #hold: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** How many of the files that are wanted are not here. */
  get missing(): number {
    return this.#wanted.filter(({ sha256 }) => !this.#options.store.has(sha256)).length;
  }

  /**
   * Takes the place of what was wanted before; a download of a file that is not in it ends.
   * @param hold files that no room is made with
   */
  want(wanted: readonly Wanted[], hold: ReadonlySet<string>): void {
    this.#wanted = wanted;
    this.#hold = hold;
    const names = new Set(wanted.map(({ sha256 }) => sha256));
    for (const [sha256, controller] of this.#running) {
      if (!names.has(sha256)) controller.abort();
    }
    for (const [sha256, timer] of this.#resting) {
      if (names.has(sha256)) continue;
      timer.cancel();
      this.#resting.delete(sha256);
    }
    for (const sha256 of this.#failures.keys()) {
      if (!names.has(sha256)) this.#failures.delete(sha256);
    }
    this.#startNext();
  }

  /** Nothing that was begun for another programme will be gone on with. */
  async tidy(): Promise<void> {
    const wanted = this.#wanted.map(({ sha256 }) => sha256);
    await this.#options.store.dropOtherParts(new Set([...wanted, ...this.#running.keys()]));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#resting.values()) timer.cancel();
    for (const controller of this.#running.values()) controller.abort();
    const { clock } = this.#options;
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => void clock.setTimer('fetch-end', 5, resolve));
    }
  }

  #startNext(): void {
    if (this.#closed) return;
    for (const file of this.#wanted) {
      if (this.#running.size >= this.#options.settings.concurrency) return;
      const { sha256 } = file;
      const busy = this.#running.has(sha256) || this.#resting.has(sha256);
      if (busy || this.#options.store.has(sha256)) continue;
      const controller = new AbortController();
      this.#running.set(sha256, controller);
      void this.#run(file, controller.signal);
    }
  }

  async #run(file: Wanted, signal: AbortSignal): Promise<void> {
    const outcome = await this.#try(file, signal).catch((error: unknown): Outcome => {
      this.#options.logger.error('fetch-failed', { sha256: file.sha256, message: String(error) });
      return isDiskFull(error) ? 'full' : 'refused';
    });
    this.#running.delete(file.sha256);
    if (this.#closed) return;
    if (outcome === 'stored') {
      this.#failures.delete(file.sha256);
      this.#options.onStored(file.sha256);
    } else if (!signal.aborted) {
      this.#rest(file.sha256, outcome);
    } else if (this.#wanted.every(({ sha256 }) => sha256 !== file.sha256)) {
      await this.#options.store.dropPart(file.sha256);
    }
    this.#startNext();
  }

  #rest(sha256: string, outcome: DownloadFailure | 'corrupt'): void {
    const { clock, random, onFault } = this.#options;
    const failures = (this.#failures.get(sha256) ?? 0) + 1;
    this.#failures.set(sha256, failures);
    if (outcome === 'full') onFault('store-full', sha256);
    else if (outcome === 'corrupt' || outcome === 'too-long') onFault('media-corrupt', sha256);
    else if (failures === triesBeforeFault) onFault('media-missing', sha256);
    // At least half of the bound: a file that is wrong at its only server is not asked for at once.
    const delayMs = wanBackoff.baseMs / 2 + backoffMs(failures, wanBackoff, random);
    const again = (): void => {
      this.#resting.delete(sha256);
      this.#startNext();
    };
    this.#resting.set(sha256, clock.setTimer('fetch-again', delayMs, again));
  }

  async #try(file: Wanted, signal: AbortSignal): Promise<Outcome> {
    const { store, mediaUrls, settings, logger } = this.#options;
    const part = await store.openPart(file.sha256);
    try {
      if (!(await this.#makeRoom())) return 'full';
      // The servers take turns, so that one with a damaged file does not keep the file away.
      const turn = (this.#failures.get(file.sha256) ?? 0) % mediaUrls.length;
      const base = mediaUrls[turn]?.replace(/\/$/, '') ?? '';
      const url = `${base}/v1/media/${file.sha256}`;
      await download({ ...file, url, part, stallMs: settings.stallMs, signal });
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      const { failure, message } = error;
      if (!signal.aborted) logger.warn('fetch-cut', { sha256: file.sha256, failure, message });
      return failure;
    } finally {
      await part.close();
    }
    return (await store.commit(file.sha256)) ? 'stored' : 'corrupt';
  }

  /** Makes room for all that the downloads under way will still write. */
  async #makeRoom(): Promise<boolean> {
    const { store, settings, logger, onEvicted } = this.#options;
    const running = this.#wanted.filter(({ sha256 }) => this.#running.has(sha256));
    const { fits, evict } = makeRoom({
      files: store.files(),
      hold: this.#hold,
      incomingBytes: running.reduce(
        (sum, { sha256, sizeBytes }) => sum + Math.max(0, sizeBytes - store.partBytesOf(sha256)),
        0,
      ),
      partBytes: store.partBytes,
      maxBytes: settings.maxBytes,
      freeBytes: await store.freeBytes(),
      minFreeBytes: settings.minFreeBytes,
    });
    for (const sha256 of evict) {
      await store.remove(sha256);
      logger.info('file-evicted', { sha256 });
      onEvicted(sha256);
    }
    return fits;
  }
}
