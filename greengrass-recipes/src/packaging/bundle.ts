import { homeDir } from '@foyer/platform/home';
import { build, type BuildOptions, type Metafile } from 'esbuild';

import { browserPlugins, nodePlugins } from './bundle-plugins.ts';
import type { BundleEntry } from './components.ts';
import type { PackageFile } from './package-file.ts';

export interface Bundled {
  readonly files: PackageFile[];
  /** Every source that something is left of, relative to the repository's root. */
  readonly inputs: string[];
}

// CommonJS packages inside an ES module still ask for Node's own modules by require.
const requireBanner =
  "import{createRequire as makeRequire}from'node:module';" +
  'const require=makeRequire(import.meta.url);';

const forNode = {
  platform: 'node' as const,
  target: 'node20',
  conditions: ['foyer-source', 'module'],
  banner: { js: requireBanner },
  plugins: nodePlugins,
} satisfies BuildOptions;

const forBrowser = {
  platform: 'browser' as const,
  target: 'chrome120',
  conditions: ['foyer-source'],
  loader: { '.css': 'text' as const },
  plugins: browserPlugins,
} satisfies BuildOptions;

const usedInputs = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );

/** Bundles each entry into one file that needs no package but those with native parts. */
export async function bundle(entries: readonly BundleEntry[]): Promise<Bundled> {
  const results = await Promise.all(
    entries.map(async ({ name, entry, browser = false }) => {
      const result = await build({
        absWorkingDir: homeDir(),
        entryPoints: [{ in: entry, out: name }],
        outdir: 'build/bundles',
        outExtension: { '.js': '.mjs' },
        bundle: true,
        format: 'esm',
        minify: true,
        legalComments: 'none',
        metafile: true,
        logLevel: 'silent',
        write: false,
        ...(browser ? forBrowser : forNode),
      });
      const files = result.outputFiles.map(({ contents }) => ({
        path: `build/bundles/${name}.mjs`,
        bytes: contents,
      }));
      return { files, inputs: usedInputs(result.metafile) };
    }),
  );
  return {
    files: results.flatMap(({ files }) => files),
    inputs: [...new Set(results.flatMap(({ inputs }) => inputs))].toSorted(),
  };
}
