import { zipSync, type Zippable } from 'fflate';

import type { PackageFile } from './package-file.ts';

const unix = 3;
const plainFile = 0o100644;
const directory = 0o040755;

const attributes = (mode: number): number => mode * 2 ** 16;

// A zip knows local time only: made and read as local time it is the same everywhere.
const firstMoment = (): Date => new Date(1980, 0, 1);

/** `a/`, `a/b/` of `a/b/c`: nucleus lite makes no directory that has no entry of its own. */
function directoriesOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}

/**
 * A zip whose bytes depend on its files alone: sorted, directories first, with one time and one
 * mode. The compressor is
 * JavaScript, so that they do not depend on a processor or on Node's own zlib either.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const entries: Zippable = {};
  for (const path of files.flatMap((file) => directoriesOf(file.path)).toSorted()) {
    entries[path] = [new Uint8Array(), { level: 0, attrs: attributes(directory) }];
  }
  for (const { path, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    entries[path] = [bytes, { level: 9, mem: 12 }];
  }
  return zipSync(entries, { mtime: firstMoment(), os: unix, attrs: attributes(plainFile) });
}
