import { zipSync, type Zippable } from 'fflate';

import type { PackageFile } from './package-file.ts';

const unix = 3;
const plainFile = 0o100644;

// A zip knows local time only: made and read as local time it is the same everywhere.
const firstMoment = (): Date => new Date(1980, 0, 1);

/**
 * A zip whose bytes depend on its files alone: sorted, one time, one mode. The compressor is
 * JavaScript, so that they do not depend on a processor or on Node's own zlib either.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const entries: Zippable = {};
  for (const { path, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    entries[path] = [bytes, { level: 9, mem: 12 }];
  }
  return zipSync(entries, { mtime: firstMoment(), os: unix, attrs: plainFile * 2 ** 16 });
}
