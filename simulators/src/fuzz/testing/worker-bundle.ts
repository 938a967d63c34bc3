import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { build } from 'esbuild';

/** A worker whose targets are the planted ones, as a file of its own, and what removes it. */
export async function bundlePlanted(): Promise<{ file: string; dir: string; remove(): void }> {
  const dir = makeTempDir('fuzz');
  const file = join(dir, 'planted.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['foyer-source', 'module'],
    external: ['better-sqlite3'],
    logLevel: 'silent',
    banner: {
      js:
        "import { createRequire as makeRequire } from 'node:module';" +
        `const require = makeRequire(${JSON.stringify(import.meta.url)});`,
    },
  });
  return { file, dir, remove: () => removeTempDir(dir) };
}
