import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { homeDir } from '@foyer/platform/home';

import { lockedPackage } from './npm-package.ts';
import { platforms, type Platform } from './platforms.ts';
import { isMissing, runTool } from './run-tool.ts';

const prefix = () => dirname(dirname(realpathSync(process.execPath)));
const nodeGyp = () => join(prefix(), 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');

function compilersMissing(platform: Platform, cause: unknown): FoyerError {
  const { compilers, debian } = platforms[platform];
  const message = `better-sqlite3 for ${platform} needs ${compilers}-gcc and ${compilers}-g++.`;
  return new FoyerError('dependency-missing', message, {
    cause,
    whatToDo:
      `Install Debian's packages gcc-${debian} and g++-${debian}, or build for this machine ` +
      `alone: --platform ${process.arch}.`,
  });
}

async function checkCompilers(platform: Platform): Promise<void> {
  const { compilers } = platforms[platform];
  for (const program of [`${compilers}-gcc`, `${compilers}-g++`]) {
    await runTool(program, ['--version']).catch((error: unknown) => {
      throw isMissing(error) ? compilersMissing(platform, error) : error;
    });
  }
}

async function crossCompile(platform: Platform, sourceDir: string): Promise<string> {
  const { compilers } = platforms[platform];
  const headers = join(prefix(), 'include', 'node', 'node_version.h');
  await runTool(
    process.execPath,
    [nodeGyp(), 'rebuild', '--release', `--arch=${platform}`, '--jobs=max'],
    {
      cwd: sourceDir,
      env: {
        CC: `${compilers}-gcc`,
        CXX: `${compilers}-g++`,
        AR: `${compilers}-ar`,
        ...(existsSync(headers) ? { npm_config_nodedir: prefix() } : {}),
      },
    },
  );
  return join(sourceDir, 'build', 'Release', 'better_sqlite3.node');
}

// Without symbols it is a tenth smaller. Where no strip is installed it is taken as it is.
async function strip(platform: Platform, from: string, to: string): Promise<void> {
  const programs = platform === process.arch ? ['strip'] : [];
  for (const program of [`${platforms[platform].compilers}-strip`, ...programs]) {
    try {
      await runTool(program, ['--strip-unneeded', '-o', to, from]);
      return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  await cp(from, to);
}

/**
 * better-sqlite3's binary for a platform: the installed one, or one that is cross-compiled (about
 * two minutes, once for each version of it and of Node, kept in `cacheDir`). Throws FoyerError
 * `dependency-missing`, naming Debian's packages, where the compilers are not there.
 */
export async function sqliteBinary(
  platform: Platform,
  say: (line: string) => void,
  cacheDir = join(homeDir(), 'build', 'natives'),
): Promise<Uint8Array> {
  const installed = join(homeDir(), 'node_modules', 'better-sqlite3');
  const { version } = lockedPackage('better-sqlite3');
  const abi = process.versions.modules;
  const cached = join(cacheDir, `better-sqlite3-${version}-node${abi}-${platform}.node`);
  if (existsSync(cached)) return readFileSync(cached);
  if (platform !== process.arch) await checkCompilers(platform);
  await mkdir(cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'work-'));
  try {
    const binary = join(workDir, 'stripped.node');
    if (platform === process.arch) {
      await strip(platform, join(installed, 'build', 'Release', 'better_sqlite3.node'), binary);
    } else {
      say(`Compiling better-sqlite3 ${version} for ${platform}: about two minutes, once.`);
      const sourceDir = join(workDir, 'better-sqlite3');
      const isOutput = join(installed, 'build');
      await cp(installed, sourceDir, { recursive: true, filter: (path) => path !== isOutput });
      await strip(platform, await crossCompile(platform, sourceDir), binary);
    }
    // Whole under its name or absent: another build may look for it right now.
    await rename(binary, cached);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return readFileSync(cached);
}
