import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { FoyerError } from '@foyer/contracts';
import { z } from 'zod';

import type { Artifact, BuiltComponent } from '../domain/publish.ts';

const artifactsSchema = z.array(z.looseObject({ Uri: z.string() })).default([]);
const recipeSchema = z.looseObject({
  ComponentName: z.string().min(1),
  ComponentVersion: z.string().min(1),
  Manifests: z.array(z.looseObject({ Artifacts: artifactsSchema })).min(1),
});

/** S3 takes this many bytes in one request; a component is far below. */
const maxArtifactBytes = 2_000_000_000;

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

async function readArtifact(dir: string, path: string): Promise<Artifact> {
  const file = join(dir, 'artifacts', path);
  if (!existsSync(file)) {
    throw new FoyerError('not-found', `The recipe names ${file}, which is not there.`, {
      whatToDo: 'Run `foyer recipes build --version V --out DIR` again.',
    });
  }
  const { size } = await stat(file);
  if (size > maxArtifactBytes) {
    throw new FoyerError(
      'payload-too-large',
      `${file} has ${size} bytes, over ${maxArtifactBytes}.`,
    );
  }
  return { path, file, sizeBytes: size, sha256: await sha256Of(file) };
}

async function readComponent(dir: string, file: string): Promise<BuiltComponent> {
  const path = join(dir, 'recipes', file);
  const recipe = recipeSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!recipe.success) {
    throw new FoyerError('bad-request', `${path} is no recipe: ${z.prettifyError(recipe.error)}.`, {
      whatToDo: 'Run `foyer recipes build --version V --out DIR` again.',
    });
  }
  const { ComponentName: name, ComponentVersion: version, Manifests } = recipe.data;
  const files = new Set(
    Manifests.flatMap(({ Artifacts }) =>
      Artifacts.map(({ Uri }) => Uri.slice(Uri.lastIndexOf('/') + 1)),
    ),
  );
  const artifacts: Artifact[] = [];
  for (const artifact of files) {
    artifacts.push(await readArtifact(dir, `${name}/${version}/${artifact}`));
  }
  return { name, version, recipe: recipe.data, artifacts };
}

/** What `foyer recipes build --out DIR` wrote. Throws FoyerError `not-found` where it did not. */
export async function readBuilt(dir: string): Promise<BuiltComponent[]> {
  const recipes = join(dir, 'recipes');
  const files = existsSync(recipes)
    ? (await readdir(recipes)).filter((file) => file.endsWith('.json')).toSorted()
    : [];
  if (files.length === 0) {
    throw new FoyerError('not-found', `${recipes} holds no recipe.`, {
      whatToDo: 'Run `foyer recipes build --version V --out DIR` first.',
    });
  }
  const built: BuiltComponent[] = [];
  for (const file of files) built.push(await readComponent(dir, file));
  return built;
}
