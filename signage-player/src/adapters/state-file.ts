import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { z } from 'zod';

/** How a failed write is told; the value stays in memory and is written with the next one. */
export type OnWriteError = (error: unknown) => void;

/**
 * One JSON value on disk, whole or absent: written beside, synced, renamed. Writes follow one
 * another, and of those that wait only the newest is made.
 */
export class StateFile<T> {
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  readonly #onError: OnWriteError;
  #waiting: { value: T } | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string, schema: z.ZodType<T>, onError: OnWriteError) {
    this.#path = path;
    this.#schema = schema;
    this.#onError = onError;
  }

  /** The value, or null where there is none; a file that cannot be read is set aside. */
  async read(): Promise<T | null> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return this.#schema.parse(JSON.parse(text));
    } catch {
      await rename(this.#path, `${this.#path}.unreadable`).catch(this.#onError);
      return null;
    }
  }

  /** Writes soon, and never throws. */
  write(value: T): void {
    this.#waiting = { value };
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when what was given to `write` is on the disk or was refused by it. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting; next !== null; next = this.#waiting) {
      this.#waiting = null;
      try {
        await writeWhole(this.#path, JSON.stringify(next.value));
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
}

/** Makes a rename in `path` survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
