import { mkdirSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Cleanup } from './cleanup.ts';
import { mountSmall } from './netns.ts';

const stepBytes = 1_048_576;
const finestBytes = 4096;

/** A file system of a few megabytes that can be filled to its last page. */
export class SmallDisk {
  readonly #filler: string;

  /** Mounts it at `dir`. Needs root. */
  constructor(dir: string, sizeBytes: number, cleanup: Cleanup) {
    this.#filler = join(dir, 'filler');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    mountSmall(dir, sizeBytes, cleanup);
  }

  /** Writes until nothing more fits. @returns the bytes that it wrote. */
  fill(): number {
    const file = openSync(this.#filler, 'a');
    let written = 0;
    try {
      for (let size = stepBytes; size >= finestBytes;) {
        try {
          written += writeSync(file, Buffer.alloc(size));
        } catch {
          size /= 2;
        }
      }
    } finally {
      closeSync(file);
    }
    return written;
  }

  /** Idempotent. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }
}
