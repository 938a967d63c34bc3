import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

/** A directory of a test's own and what ends it. */
export interface WorkerBundle {
  readonly workerUrl: URL;
  readonly directory: string;
  remove(): Promise<void>;
}

/** Bundles the decode worker, as production does: Node 20 cannot start a thread from TypeScript. */
export async function bundleWorker(): Promise<WorkerBundle> {
  const directory = await mkdtemp(join(tmpdir(), 'foyer-scanner-test-'));
  const outfile = join(directory, 'decode-worker.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../adapters/decode-worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['foyer-source', 'module'],
    logLevel: 'silent',
    // The file is outside of node_modules' reach: zxing's glue is bundled in, its wasm is handed
    // over.
    banner: { js: "import { createRequire } from 'node:module';" },
  });
  return {
    workerUrl: pathToFileURL(outfile),
    directory,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
