import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';

import { componentNameSchema, componentVersionSchema } from '../recipe.ts';
import { bundle } from './bundle.ts';
import { componentPlans, modelPackage, modelRecipe, type ComponentPlan } from './components.ts';
import { licenceText, thirdParties } from './licences.ts';
import { glibcOf, nativeParts, type Say } from './natives.ts';
import type { PackageFile } from './package-file.ts';
import { platformNames, platforms, type Platform } from './platforms.ts';
import { fillRecipe } from './recipes.ts';
import { zip } from './zip.ts';

export interface BuildRequest {
  /** `1.2.3`. */
  readonly version: string;
  readonly outDir: string;
  /** Default: all. */
  readonly platforms?: readonly Platform[];
  /** `s3://BUCKET/PREFIX`: where the packages will be published. */
  readonly artifactsUri?: string;
  /** Model components by the last part of their name: the directory of each one's files. */
  readonly models?: Readonly<Record<string, string>>;
  /** Told what takes long. */
  readonly say?: Say;
}

interface BuiltLicence {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

export interface BuiltArtifact {
  /** From the output directory. */
  readonly file: string;
  /** null: for every processor. */
  readonly platform: Platform | null;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  readonly sha256: string;
  /** The oldest glibc that it runs on, `2.34`. */
  readonly glibc: string | null;
  readonly licences: readonly BuiltLicence[];
}

export interface BuiltComponent {
  readonly name: string;
  readonly version: string;
  readonly recipe: { readonly file: string; readonly sha256: string };
  readonly artifacts: readonly BuiltArtifact[];
}

/** Also in the output directory, as manifest.json. */
export interface BuildManifest {
  readonly version: string;
  /** The Node that the packages run on: its version, and its ABI. */
  readonly node: { readonly version: string; readonly modules: string };
  readonly components: readonly BuiltComponent[];
}

interface Package {
  readonly fileName: string;
  readonly platform: Platform | null;
  readonly files: readonly PackageFile[];
  readonly licences: readonly BuiltLicence[];
}

const defaultArtifactsUri = 's3://foyer-components';

const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

const textFile = (path: string, text: string): PackageFile => ({ path, bytes: Buffer.from(text) });

async function packagesOf(
  plan: ComponentPlan,
  wanted: readonly Platform[],
  version: string,
  say: Say,
): Promise<Package[]> {
  const { files, inputs } = await bundle(plan.bundles);
  const packages: Package[] = [];
  for (const platform of wanted) {
    const native = await nativeParts(inputs, platform, say);
    const parties = thirdParties(inputs, native.packages);
    const { version: node, versions } = process;
    const foyer = { node, modules: versions.modules, arch: platform, glibc: glibcOf(native.files) };
    const manifest = { name: 'foyer', version, private: true, type: 'module', foyer };
    packages.push({
      fileName: `${plan.packageName}-${platforms[platform].greengrass}.zip`,
      platform,
      files: [
        textFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`),
        textFile('LICENCES.txt', licenceText(parties)),
        ...files,
        ...native.files,
      ],
      licences: parties.map(({ text: _, ...licence }) => licence),
    });
  }
  return packages;
}

function modelFiles(dir: string): PackageFile[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file.slice(join(dir, '/').length), bytes: readFileSync(file) }));
  if (files.length > 0) return files;
  throw new FoyerError('not-found', `There is no file in ${dir}.`, {
    whatToDo: 'Name the directory that holds the model.',
  });
}

function writeComponent(
  request: BuildRequest,
  { name, template, packages }: { name: string; template: string; packages: readonly Package[] },
): BuiltComponent {
  const { version, outDir, artifactsUri = defaultArtifactsUri } = request;
  const built = packages.flatMap(({ platform }) => platform ?? platformNames);
  const architectures = built.map((platform) => platforms[platform].greengrass);
  const filling = { name, version, artifactsUri: artifactsUri.replace(/\/+$/, ''), architectures };
  const recipe = fillRecipe(template, filling);
  const recipeFile = `recipes/${name}-${version}.json`;
  const artifactDir = `artifacts/${name}/${version}`;
  mkdirSync(join(outDir, 'recipes'), { recursive: true });
  mkdirSync(join(outDir, artifactDir), { recursive: true });
  writeFileSync(join(outDir, recipeFile), recipe);
  const artifacts = packages.map(({ fileName, platform, files, licences }) => {
    const bytes = zip(files);
    const file = `${artifactDir}/${fileName}`;
    writeFileSync(join(outDir, file), bytes);
    return {
      file,
      platform,
      sizeBytes: bytes.length,
      unpackedBytes: files.reduce((sum, one) => sum + one.bytes.length, 0),
      sha256: sha256(bytes),
      glibc: glibcOf(files)?.join('.') ?? null,
      licences,
    };
  });
  return { name, version, recipe: { file: recipeFile, sha256: sha256(recipe) }, artifacts };
}

/**
 * Writes `recipes/NAME-VERSION.json`, `artifacts/NAME/VERSION/*.zip` and `manifest.json`, which are
 * what is published and what a nucleus deploys locally. Same sources, same bytes. Throws FoyerError
 * `bad-request` for a version that is none, `dependency-missing` for a compiler that is not there.
 */
export async function buildComponents(request: BuildRequest): Promise<BuildManifest> {
  const { version, outDir, models = {}, say = () => {} } = request;
  if (!componentVersionSchema.safeParse(version).success) {
    throw new FoyerError('bad-request', `"${version}" is not a version.`, {
      whatToDo: 'Give one such as 1.2.3.',
    });
  }
  const components: BuiltComponent[] = [];
  for (const plan of componentPlans) {
    const packages = await packagesOf(plan, request.platforms ?? platformNames, version, say);
    components.push(writeComponent(request, { name: plan.name, template: plan.name, packages }));
  }
  for (const [suffix, dir] of Object.entries(models)) {
    const name = componentNameSchema.parse(`${modelRecipe}.${suffix}`);
    const packed = { fileName: `${modelPackage}.zip`, platform: null, licences: [] };
    const packages = [{ ...packed, files: modelFiles(dir) }];
    components.push(writeComponent(request, { name, template: modelRecipe, packages }));
  }
  const node = { version: process.version, modules: process.versions.modules };
  const manifest: BuildManifest = { version, node, components };
  writeFileSync(join(outDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
