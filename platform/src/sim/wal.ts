import { readFileSync } from 'node:fs';

/** Where a WAL's frames lie, from the shared-memory index that SQLite keeps beside it. */
export interface WalPosition {
  pageBytes: number;
  /** Frames up to the last commit. */
  committedFrames: number;
  /** Frames that a checkpoint has already brought into the database, hence synchronised. */
  checkpointedFrames: number;
}

const walHeaderBytes = 32;
const frameHeaderBytes = 24;

// Offsets in the index header of https://www.sqlite.org/walformat.html: szPage is a 16-bit integer
// in which 1 means 65,536; mxFrame; nBackfill follows the two copies of the header. The machine's
// byte order: little-endian on everything that runs this.
const pageSizeOffset = 14;
const lastFrameOffset = 16;
const backfillOffset = 96;

/** Reads the index of `path`'s WAL; null where there is none yet. */
export function readWalPosition(path: string): WalPosition | null {
  let index: Buffer;
  try {
    index = readFileSync(`${path}-shm`);
  } catch {
    return null;
  }
  if (index.length < backfillOffset + 4) return null;
  const size = index.readUInt16LE(pageSizeOffset);
  return {
    pageBytes: size === 1 ? 65_536 : size,
    committedFrames: index.readUInt32LE(lastFrameOffset),
    checkpointedFrames: index.readUInt32LE(backfillOffset),
  };
}

/** The length of a WAL that ends after so many frames. */
export function walBytes(pageBytes: number, frames: number): number {
  return frames === 0 ? 0 : walHeaderBytes + frames * (pageBytes + frameHeaderBytes);
}
