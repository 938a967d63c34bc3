import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { homeDir } from '@foyer/platform/home';
import { z } from 'zod';

import { runTool } from './run-tool.ts';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

/** What package-lock.json says of a package, be it for this platform or another. */
export function lockedPackage(name: string): { version: string; integrity: string } {
  const lock = lockSchema.parse(
    JSON.parse(readFileSync(join(homeDir(), 'package-lock.json'), 'utf8')),
  );
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new FoyerError('internal', `package-lock.json does not name ${name}.`);
  }
  return { version, integrity };
}

const packedSchema = z.array(z.object({ filename: z.string() })).length(1);

const sha512 = (bytes: Uint8Array): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/**
 * The directory of a package: the installed one, or, for another platform's, one that npm fetches
 * and that is the one of package-lock.json byte for byte. Fetched once.
 */
export async function packageDir(name: string, say: (line: string) => void): Promise<string> {
  const { version, integrity } = lockedPackage(name);
  const installed = join(homeDir(), 'node_modules', name);
  if (existsSync(installed)) return installed;
  const cacheDir = join(homeDir(), 'build', 'natives');
  const cached = join(cacheDir, `${name.replace('/', '-')}-${version}`);
  if (existsSync(cached)) return cached;
  await mkdir(cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'work-'));
  try {
    say(`Fetching ${name} ${version}.`);
    const args = ['pack', `${name}@${version}`, '--json', '--pack-destination', workDir];
    const [packed] = packedSchema.parse(JSON.parse(await runTool('npm', args)));
    const tarball = join(workDir, packed?.filename ?? '');
    if (sha512(readFileSync(tarball)) !== integrity) {
      const message = `The registry's ${name} ${version} is not the one of package-lock.json.`;
      throw new FoyerError('internal', message, { whatToDo: 'Look at the registry in use.' });
    }
    await runTool('tar', ['-xzf', tarball, '-C', workDir]);
    await rename(join(workDir, 'package'), cached);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return cached;
}
