import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock, Logger, Timer } from '@foyer/platform';

import { loadPicture } from './picture-file.ts';
import type { RunningSource, TakeFrame } from './stream-source.ts';

/** Files, or a directory that a camera drops pictures into. */
export interface DirectoryOptions {
  readonly name: string;
  readonly path: string;
  /** How often the directory is looked at; undefined: once, in the order of names. */
  readonly pollMs?: number | undefined;
  /** Larger files are skipped and logged. */
  readonly maxFileBytes: number;
}

const pictureName = /\.(png|jpe?g|webp|gif|tiff?|avif|heic|heif)$/i;
// Names seen are forgotten from the oldest, so a directory that is never emptied costs no more.
const maxSeen = 10_000;

/** Takes each picture of a directory once, then each new one. A bad file is logged and skipped. */
export function startDirectory(
  options: DirectoryOptions,
  takeFrame: TakeFrame,
  seams: { clock: Clock; logger: Logger },
): RunningSource {
  const logger = seams.logger.child({ source: options.name });
  const seen = new Set<string>();
  let stopped = false;
  let timer: Timer | undefined;
  let wake: () => void = () => {};

  const take = async (file: string): Promise<void> => {
    try {
      const { size } = await stat(file);
      if (size > options.maxFileBytes) throw new Error(`the file has ${size} bytes`);
      takeFrame(await loadPicture(await readFile(file)));
    } catch (error) {
      logger.warn('picture-skipped', { file, message: String(error) });
    }
  };
  const look = async (): Promise<void> => {
    const names = (await readdir(options.path)).filter((name) => pictureName.test(name)).toSorted();
    for (const name of names) {
      if (stopped || seen.has(name)) continue;
      seen.add(name);
      const oldest = seen.keys().next();
      if (seen.size > maxSeen && !oldest.done) seen.delete(oldest.value);
      await take(join(options.path, name));
    }
  };
  const run = async (): Promise<void> => {
    for (;;) {
      await look().catch((error: unknown) => {
        logger.warn('directory-unreadable', { path: options.path, message: String(error) });
      });
      const { pollMs } = options;
      if (stopped || pollMs === undefined) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = seams.clock.setTimer('directory-poll', pollMs, resolve);
      });
    }
  };
  const ended = run();
  return {
    ended,
    async stop() {
      stopped = true;
      timer?.cancel();
      wake();
      await ended;
    },
  };
}
