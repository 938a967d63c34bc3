import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { FoyerError, type Sha256 } from '@foyer/contracts';
import { receiveFile } from '@foyer/platform/http';
import { sha256Hex } from '@foyer/platform/node';

export interface MediaStoreOptions {
  dir: string;
  /** Of one upload. */
  maxMediaBytes: number;
  /** Of all files together. */
  maxTotalBytes: number;
}

/** An upload that is whole and has the hash that it should have, but is not yet in the store. */
export interface StagedFile {
  readonly path: string;
  readonly sizeBytes: number;
  keep(): Promise<void>;
  /** Idempotent; after `keep` it does nothing. */
  discard(): Promise<void>;
}

const fileName = /^[0-9a-f]{64}$/;
const stagingName = 'incoming';

/**
 * Files by their SHA-256 in a directory, complete under their name or absent. Several workers may
 * share one directory.
 */
export class MediaStore {
  readonly #options: MediaStoreOptions;
  /** Of this worker's staged uploads, that count against the bound already. */
  #stagedBytes = 0;

  private constructor(options: MediaStoreOptions) {
    this.#options = options;
  }

  static async open(options: MediaStoreOptions): Promise<MediaStore> {
    await mkdir(join(options.dir, stagingName), { recursive: true });
    return new MediaStore(options);
  }

  get maxMediaBytes(): number {
    return this.#options.maxMediaBytes;
  }

  /** Where a file lies or would lie. */
  pathOf(sha256: Sha256): string {
    return join(this.#options.dir, sha256.slice(0, 2), sha256);
  }

  async has(sha256: Sha256): Promise<boolean> {
    return stat(this.pathOf(sha256)).then(
      (info) => info.isFile(),
      () => false,
    );
  }

  /**
   * Writes a request's body to a file beside the store. Throws `body-too-large`, `disk-full` where
   * the store is, `bad-request` where the bytes are not those of the hash.
   */
  async receive(request: IncomingMessage, sha256: Sha256): Promise<StagedFile> {
    const { maxMediaBytes } = this.#options;
    const room = await this.#room();
    const path = join(this.#options.dir, stagingName, `${sha256}.${randomUUID()}`);
    try {
      const limit = Math.min(maxMediaBytes, room);
      const got = await receiveFile(request, path, { maxBytes: limit }).catch((error: unknown) => {
        throw limit < maxMediaBytes && isTooLarge(error) ? this.#full() : error;
      });
      if (got.sha256 !== sha256) {
        const sentence = `The bytes that came have the SHA-256 ${got.sha256}, not the path's.`;
        throw new FoyerError('bad-request', sentence);
      }
      return this.#staged(path, sha256, got.sizeBytes);
    } catch (error) {
      await rm(path, { force: true });
      throw diskError(error);
    }
  }

  /** Keeps bytes that were made here. @returns their name. */
  async put(bytes: Uint8Array): Promise<Sha256> {
    const sha256 = sha256Hex(bytes);
    if (await this.has(sha256)) {
      // A sweep that comes now must not take it for one that nobody needs since long.
      await utimes(this.pathOf(sha256), new Date(), new Date());
      return sha256;
    }
    if (bytes.byteLength > (await this.#room())) throw this.#full();
    const path = join(this.#options.dir, stagingName, `${sha256}.${randomUUID()}`);
    try {
      const file = await open(path, 'wx', 0o640);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#place(path, sha256);
    } catch (error) {
      await rm(path, { force: true });
      throw diskError(error);
    }
    return sha256;
  }

  /**
   * Removes files and abandoned uploads that are older than `beforeMs` and that `isUsed` does not
   * know. @returns how many.
   */
  async sweep(beforeMs: number, isUsed: (sha256: Sha256) => boolean): Promise<number> {
    let removed = 0;
    for (const { path, name, mtimeMs } of await this.#files()) {
      if (mtimeMs >= beforeMs || (fileName.test(name) && isUsed(name))) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }

  #staged(path: string, sha256: Sha256, sizeBytes: number): StagedFile {
    this.#stagedBytes += sizeBytes;
    let open = true;
    const end = (): boolean => {
      if (!open) return false;
      open = false;
      this.#stagedBytes -= sizeBytes;
      return true;
    };
    return {
      path,
      sizeBytes,
      keep: async () => {
        if (end()) await this.#place(path, sha256);
      },
      discard: async () => {
        if (end()) await rm(path, { force: true });
      },
    };
  }

  async #place(path: string, sha256: Sha256): Promise<void> {
    const target = this.pathOf(sha256);
    await mkdir(join(target, '..'), { recursive: true });
    await rename(path, target);
    // A rename is durable once its directory is.
    const dir = await open(join(target, '..'), 'r');
    try {
      await dir.sync();
    } finally {
      await dir.close();
    }
  }

  async #files() {
    const files: { path: string; name: string; sizeBytes: number; mtimeMs: number }[] = [];
    for (const group of await readdir(this.#options.dir)) {
      for (const name of await readdir(join(this.#options.dir, group)).catch(() => [])) {
        const path = join(this.#options.dir, group, name);
        const info = await stat(path).catch(() => undefined);
        if (info === undefined) continue;
        files.push({ path, name, sizeBytes: info.size, mtimeMs: info.mtimeMs });
      }
    }
    return files;
  }

  async #room(): Promise<number> {
    const files = await this.#files();
    const kept = files.filter(({ name }) => fileName.test(name));
    const used = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.#stagedBytes);
    const room = this.#options.maxTotalBytes - used;
    if (room <= 0) throw this.#full();
    return room;
  }

  #full(): FoyerError {
    const { maxTotalBytes } = this.#options;
    const sentence = `The media store would be larger than the ${maxTotalBytes} bytes it may be.`;
    return new FoyerError('disk-full', sentence, {
      whatToDo: 'Remove media that no item uses, or raise media.maxTotalBytes.',
    });
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof FoyerError && error.code === 'body-too-large';

function diskError(error: unknown): unknown {
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (!isFull) return error;
  return new FoyerError('disk-full', 'The disk of the media store is full.', {
    cause: error,
    whatToDo: 'Free space on the disk of the media store.',
  });
}
