import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { FoyerError, isFoyerError } from '@foyer/contracts';

import { DecoderPool } from './decoder-pool.ts';
import { loadPicture } from './picture-file.ts';

/** What was read in one file. `ms` is from opening it to its texts. */
export interface FileReading {
  readonly file: string;
  readonly texts: string[];
  readonly ms: number;
  /** Why the file was not read; absent when it was, also when it holds no code. */
  readonly error?: { readonly code: string; readonly message: string };
}

const maxFileBytes = 256_000_000;
const maxWorkers = 4;
// The largest picture on a slow and busy machine.
const timeoutMs = 60_000;

async function loadFile(file: string): Promise<Uint8Array> {
  const info = await stat(file).catch(() => undefined);
  if (info === undefined) throw new FoyerError('not-found', `There is no file ${file}.`);
  if (!info.isFile()) throw new FoyerError('image-unreadable', `${file} is not a file.`);
  if (info.size > maxFileBytes) {
    throw new FoyerError('image-too-large', `${file} has more than ${maxFileBytes} bytes.`);
  }
  return readFile(file);
}

async function readOne(pool: DecoderPool, file: string): Promise<FileReading> {
  const startMs = performance.now();
  const passed = (): number => Math.round((performance.now() - startMs) * 10) / 10;
  try {
    const { texts } = await pool.decode(await loadPicture(await loadFile(file)), 'thorough');
    return { file, texts, ms: passed() };
  } catch (error) {
    const code = isFoyerError(error) ? error.code : 'image-unreadable';
    const message = error instanceof Error ? error.message : String(error);
    return { file, texts: [], ms: passed(), error: { code, message } };
  }
}

/**
 * Reads many picture files in worker threads and gives the results in the order of the files. A
 * file that cannot be read has its `error` set and stops nothing. At most one file a worker is in
 * memory.
 * @param workerUrl the decode worker's bundle, when it is not beside the running bundle.
 */
export async function* readFiles(
  files: readonly string[],
  workerUrl?: URL,
): AsyncGenerator<FileReading> {
  const workers = Math.max(1, Math.min(maxWorkers, availableParallelism(), files.length));
  const pool = await DecoderPool.start({
    workers,
    capacity: workers,
    timeoutMs,
    ...(workerUrl === undefined ? {} : { workerUrl }),
  });
  try {
    const inHand: Promise<FileReading>[] = [];
    for (const file of files) {
      inHand.push(readOne(pool, file));
      const oldest = inHand.length >= workers ? inHand.shift() : undefined;
      if (oldest !== undefined) yield await oldest;
    }
    yield* inHand;
  } finally {
    await pool.close();
  }
}
