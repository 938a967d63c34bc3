import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { homeDir } from '@foyer/platform/home';
import { build, type Plugin } from 'esbuild';

import { applyEdits, filesOf, type Mutant } from './mutant.ts';

/** The program that runs seeds in a process of its own. */
const seedsProgram = 'simulators/src/mutants/main.ts';

export interface BundleOptions {
  /** The program, from `root`. The one that runs seeds of the simulation when absent. */
  entry?: string;
  /** Where paths of mutants begin; the installation when absent. */
  root?: string;
  /** `build/mutants` of the installation when absent. */
  outDir?: string;
}

/** Everything that is neither a file nor a workspace stays outside. */
const packagesOutside: Plugin = {
  name: 'packages-outside',
  setup(hooks) {
    hooks.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@foyer/')) return undefined;
      return { path, external: true };
    });
  },
};

/** Applies a mutant to the files that esbuild loads; `seen` gets those that it changed. */
function planter(root: string, planted: Mutant, seen: Set<string>): Plugin {
  const files = new Map(filesOf(planted).map((file) => [join(root, file), file]));
  return {
    name: 'planted-bug',
    setup(hooks) {
      hooks.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = files.get(path);
        if (file === undefined) return undefined;
        seen.add(file);
        const contents = applyEdits(await readFile(path, 'utf8'), file, planted);
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** The bundle's name of a program without a planted bug. */
const soundName = 'sound';

/**
 * Bundles the program with a planted bug (null: without one). @returns the bundle's file.
 * Throws FoyerError `config-invalid`, which names the mutant, where its text is not found exactly
 * once, where the program does not contain its file, or where it does not compile.
 */
export async function bundleMutant(
  planted: Mutant | null,
  options: BundleOptions = {},
): Promise<string> {
  const root = options.root ?? homeDir();
  const outDir = options.outDir ?? join(homeDir(), 'build', 'mutants');
  const outfile = join(outDir, `${planted?.name ?? soundName}.mjs`);
  const seen = new Set<string>();
  const plugins = planted === null ? [] : [planter(root, planted, seen)];
  await mkdir(outDir, { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [options.entry ?? seedsProgram],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['foyer-source', 'module'],
      plugins: [packagesOutside, ...plugins],
      logLevel: 'silent',
    });
  } catch (cause) {
    const name = planted === null ? 'The simulation' : `The mutant ${planted.name}`;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new FoyerError('config-invalid', `${name} cannot be built: ${message}`, { cause });
  }
  const unseen = planted === null ? [] : filesOf(planted).filter((file) => !seen.has(file));
  if (planted !== null && unseen.length > 0) {
    throw new FoyerError(
      'config-invalid',
      `The mutant ${planted.name} changes ${unseen.join(', ')}, which the simulation does not run.`,
    );
  }
  return outfile;
}
