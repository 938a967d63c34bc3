import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { sha256Schema } from '@foyer/contracts';

import type { StoredFile } from '../domain/store/room.ts';
import { syncDirectory } from './state-file.ts';

/** Bytes that were begun and may be gone on with. */
export interface Part {
  readonly sizeBytes: number;
  /** Appends; throws the system's error, `ENOSPC` on a full disk. */
  write(bytes: Uint8Array): Promise<void>;
  /** Forgets what there is. */
  truncate(): Promise<void>;
  close(): Promise<void>;
}

/** Files that failed their check are kept for a look, at most this many. */
const maxAside = 3;

const isName = (name: string): boolean => sha256Schema.safeParse(name).success;
const partSuffix = '.part';

/**
 * Content-addressed files: `media/ab/abcd...`, each under its name only when its SHA-256 was seen
 * to be that, on the disk; what is under way is `media/abcd....part`.
 */
export class MediaStore {
  readonly #dir: string;
  readonly #aside: string;
  readonly #files = new Map<string, number>();
  readonly #parts = new Map<string, number>();
  readonly #scheduled = new Map<string, number>();

  private constructor(dataDir: string) {
    this.#dir = join(dataDir, 'media');
    this.#aside = join(dataDir, 'aside');
  }

  /** Reads what there is; nothing is hashed at the start, sizes are compared by `checkSizes`. */
  static async open(dataDir: string): Promise<MediaStore> {
    const store = new MediaStore(dataDir);
    await mkdir(store.#dir, { recursive: true });
    await mkdir(store.#aside, { recursive: true });
    await store.#scan();
    return store;
  }

  /** The directory that `relativePath` is in. */
  get dir(): string {
    return this.#dir;
  }

  get bytes(): number {
    return [...this.#files.values()].reduce((sum, size) => sum + size, 0);
  }

  get partBytes(): number {
    return [...this.#parts.values()].reduce((sum, size) => sum + size, 0);
  }

  /** How much of a file was begun. */
  partBytesOf(sha256: string): number {
    return this.#parts.get(sha256) ?? 0;
  }

  has(sha256: string): boolean {
    return this.#files.has(sha256);
  }

  /** Every file, with when it was last scheduled as far as `scheduled` was told. */
  files(): StoredFile[] {
    return [...this.#files].map(([sha256, sizeBytes]) => ({
      sha256,
      sizeBytes,
      lastScheduledMs: this.#scheduled.get(sha256) ?? 0,
    }));
  }

  /** A programme that plays needs these, at `nowMs`. */
  scheduled(files: Iterable<string>, nowMs: number): void {
    for (const sha256 of files) this.#scheduled.set(sha256, nowMs);
  }

  relativePath(sha256: string): string {
    return join(sha256.slice(0, 2), sha256);
  }

  /** What the disk has left for this process. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  /** Sets files aside that are not as long as they must be, and names them. */
  async checkSizes(expected: Iterable<{ sha256: string; sizeBytes: number }>): Promise<string[]> {
    const wrong: string[] = [];
    for (const { sha256, sizeBytes } of expected) {
      const stored = this.#files.get(sha256);
      if (stored === undefined || stored === sizeBytes) continue;
      await this.setAside(sha256);
      wrong.push(sha256);
    }
    return wrong;
  }

  /** Goes on with a file that was begun, or begins it. */
  async openPart(sha256: string): Promise<Part> {
    const file = await open(this.#partPath(sha256), 'a');
    const started = (await file.stat()).size;
    this.#parts.set(sha256, started);
    return this.#partOf(sha256, file, started);
  }

  #partOf(sha256: string, file: FileHandle, started: number): Part {
    let size = started;
    const grow = (to: number): void => {
      size = to;
      this.#parts.set(sha256, to);
    };
    return {
      get sizeBytes() {
        return size;
      },
      write: async (bytes) => {
        // A disk that fills up takes some of the bytes; the rest makes the next write fail.
        for (let at = 0; at < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
          at += bytesWritten;
          grow(size + bytesWritten);
        }
      },
      truncate: async () => {
        await file.truncate(0);
        grow(0);
      },
      close: () => file.close(),
    };
  }

  /**
   * Takes a part that is whole into the store: synced, hashed from the disk, renamed.
   * @returns false, and the part is gone, when it is not what its name says.
   */
  async commit(sha256: string): Promise<boolean> {
    const path = this.#partPath(sha256);
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await hashOf(path)) !== sha256) {
      await this.dropPart(sha256);
      return false;
    }
    const { size } = await stat(path);
    const directory = join(this.#dir, sha256.slice(0, 2));
    await mkdir(directory, { recursive: true });
    await rename(path, join(directory, sha256));
    await syncDirectory(directory);
    this.#parts.delete(sha256);
    this.#files.set(sha256, size);
    return true;
  }

  async dropPart(sha256: string): Promise<void> {
    this.#parts.delete(sha256);
    await rm(this.#partPath(sha256), { force: true });
  }

  /** Removes what was begun for files that nobody wants any more. */
  async dropOtherParts(wanted: ReadonlySet<string>): Promise<void> {
    for (const sha256 of this.#parts.keys()) {
      if (!wanted.has(sha256)) await this.dropPart(sha256);
    }
  }

  async remove(sha256: string): Promise<void> {
    this.#files.delete(sha256);
    this.#scheduled.delete(sha256);
    await rm(join(this.#dir, this.relativePath(sha256)), { force: true });
  }

  /** Takes a damaged file out of the store; the last three are kept for a look. */
  async setAside(sha256: string): Promise<void> {
    this.#files.delete(sha256);
    const from = join(this.#dir, this.relativePath(sha256));
    await rename(from, join(this.#aside, sha256)).catch(() => rm(from, { force: true }));
    const kept = await Promise.all(
      (await readdir(this.#aside)).map(async (name) => {
        const path = join(this.#aside, name);
        return { path, atMs: (await stat(path)).ctimeMs };
      }),
    );
    const old = kept.toSorted((one, other) => other.atMs - one.atMs).slice(maxAside);
    for (const { path } of old) await rm(path, { force: true });
  }

  /**
   * Reads a stored file and compares its hash. `pace` is told after each piece how many bytes were
   * read, and may wait. @returns false when it is damaged or cannot be read.
   */
  async isSound(sha256: string, pace?: (bytes: number) => Promise<void>): Promise<boolean> {
    const path = join(this.#dir, this.relativePath(sha256));
    return (await hashOf(path, pace).catch(() => null)) === sha256;
  }

  #partPath(sha256: string): string {
    return join(this.#dir, `${sha256}${partSuffix}`);
  }

  async #scan(): Promise<void> {
    for (const entry of await readdir(this.#dir, { withFileTypes: true })) {
      if (entry.isDirectory()) await this.#scanShelf(entry.name);
      else await this.#scanPart(entry);
    }
  }

  async #scanShelf(shelf: string): Promise<void> {
    for (const name of await readdir(join(this.#dir, shelf))) {
      if (!isName(name) || !name.startsWith(shelf)) continue;
      this.#files.set(name, (await stat(join(this.#dir, shelf, name))).size);
    }
  }

  async #scanPart(entry: Dirent): Promise<void> {
    const name = entry.name.endsWith(partSuffix) ? entry.name.slice(0, -partSuffix.length) : '';
    if (isName(name)) this.#parts.set(name, (await stat(this.#partPath(name))).size);
  }
}

/** The SHA-256 of a file, lower-case hex. */
async function hashOf(path: string, pace?: (bytes: number) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 131_072 })) {
    hash.update(piece as Uint8Array);
    await pace?.((piece as Uint8Array).length);
  }
  return hash.digest('hex');
}
