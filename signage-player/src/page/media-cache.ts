import type { Rendition } from '../domain/store/rendition.ts';

/** A file for an element: `url` is good until `release`. */
export interface HeldMedia {
  readonly url: string;
  release(): void;
}

/** A file could not be had: the player does not have it, or is away. */
export class MediaMissing extends Error {
  readonly sha256: string;

  constructor(sha256: string, why: string) {
    super(`${sha256} is not to be had: ${why}.`);
    this.sha256 = sha256;
  }
}

interface Entry {
  readonly blob: Blob;
  lastUsedMs: number;
  users: number;
}

/** Asks for one file; tests put their own. */
export type FetchMedia = (url: string, signal: AbortSignal) => Promise<Blob>;

const fetchTimeoutMs = 60_000;

async function fetchBlob(url: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(url, { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`the player answers ${response.status}`);
  return response.blob();
}

/**
 * Files of the coming slots in memory, so that a page whose player died plays on. Bounded: those
 * that were not used for the longest go first; a file that could never fit is streamed instead.
 */
export class MediaCache {
  readonly #maxBytes: number;
  readonly #fetch: FetchMedia;
  readonly #entries = new Map<string, Entry>();
  readonly #fetching = new Map<string, Promise<Entry>>();
  #bytes = 0;
  #base = '/media';

  constructor(maxBytes: number, fetchMedia: FetchMedia = fetchBlob) {
    this.#maxBytes = maxBytes;
    this.#fetch = fetchMedia;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(sha256: string): boolean {
    return this.#entries.has(sha256);
  }

  setBase(base: string): void {
    this.#base = base;
  }

  /** Whether `file` is kept in memory when it is used; larger ones are read from the player. */
  fits(file: Rendition): boolean {
    return file.sizeBytes <= this.#maxBytes / 2;
  }

  /**
   * The file as a URL that an element of this page can load.
   *
   * @throws {MediaMissing} When it is neither in memory nor to be had from the player.
   */
  async hold(file: Rendition): Promise<HeldMedia> {
    if (!this.fits(file)) return { url: this.#urlOf(file), release: () => {} };
    const entry = await this.#entry(file);
    entry.users += 1;
    entry.lastUsedMs = performance.now();
    const url = URL.createObjectURL(entry.blob);
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      entry.users -= 1;
      URL.revokeObjectURL(url);
      this.#evict();
    };
    return { url, release };
  }

  /** The file's text: a template's HTML. */
  async text(file: Rendition): Promise<string> {
    const entry = await this.#entry(file);
    return entry.blob.text();
  }

  /**
   * Fetches what will be needed, in that order, one at a time and only into free room: what is
   * wanted sooner is never put out for what is wanted later.
   */
  async warm(files: readonly Rendition[]): Promise<void> {
    const wanted = new Set<string>();
    let bytes = 0;
    for (const file of files) {
      if (wanted.has(file.sha256) || !this.fits(file)) continue;
      bytes += file.sizeBytes;
      if (bytes > this.#maxBytes) return;
      wanted.add(file.sha256);
      const entry = this.#entries.get(file.sha256);
      if (entry) entry.lastUsedMs = performance.now();
      else await this.#entry(file).catch(() => undefined);
    }
  }

  /** Forgets a file that could not be shown: the player may have a sound one by now. */
  forget(sha256: string): void {
    const entry = this.#entries.get(sha256);
    if (!entry) return;
    this.#entries.delete(sha256);
    this.#bytes -= entry.blob.size;
  }

  #urlOf(file: Rendition): string {
    return `${this.#base}/${file.sha256}`;
  }

  async #entry(file: Rendition): Promise<Entry> {
    const entry = this.#entries.get(file.sha256);
    if (entry) return entry;
    let fetching = this.#fetching.get(file.sha256);
    if (!fetching) {
      fetching = this.#load(file).finally(() => this.#fetching.delete(file.sha256));
      this.#fetching.set(file.sha256, fetching);
    }
    return fetching;
  }

  async #load(file: Rendition): Promise<Entry> {
    try {
      const raw = await this.#fetch(this.#urlOf(file), AbortSignal.timeout(fetchTimeoutMs));
      const blob = raw.type === file.mime ? raw : raw.slice(0, raw.size, file.mime);
      const entry = { blob, lastUsedMs: performance.now(), users: 0 };
      this.#entries.set(file.sha256, entry);
      this.#bytes += blob.size;
      this.#evict(entry);
      return entry;
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no answer';
      throw new MediaMissing(file.sha256, why);
    }
  }

  #evict(keep?: Entry): void {
    while (this.#bytes > this.#maxBytes) {
      let oldest: [string, Entry] | undefined;
      for (const pair of this.#entries) {
        if (pair[1].users > 0 || pair[1] === keep) continue;
        if (!oldest || pair[1].lastUsedMs < oldest[1].lastUsedMs) oldest = pair;
      }
      if (!oldest) return;
      this.forget(oldest[0]);
    }
  }
}
