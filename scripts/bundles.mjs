// Programs and worker threads run from esbuild bundles in build/bundles, made at the first start
// and again whenever a source is newer. Plain Node: this runs before anything of ours is compiled.

import { access, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root directory. */
export const rootDir = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Every program and worker that runs as a file of its own. A missing entry file is left out.
 * Packages stay outside the bundles, as hundreds of files; where `external` names the few that
 * must, the others are bundled, and the program starts in half the time with less memory.
 * A `browser` bundle is one file for Chromium, whole, with its style sheets as text.
 */
export const bundleEntries = [
  { name: 'cli', entry: 'cli/src/main.ts' },
  { name: 'cloud', entry: 'cloud-sync/src/main.ts' },
  { name: 'agent', entry: 'edge-agent/src/main.ts', external: ['better-sqlite3'] },
  { name: 'scanner', entry: 'scanner/src/main.ts' },
  { name: 'player', entry: 'signage-player/src/main.ts', external: ['better-sqlite3'] },
  { name: 'signage-manager', entry: 'signage-player/src/manager/main.ts' },
  { name: 'decode-worker', entry: 'scanner/src/adapters/decode-worker.ts' },
  { name: 'broker', entry: 'simulators/src/broker/main.ts' },
  { name: 'payment', entry: 'simulators/src/payment/main.ts' },
  { name: 'guests', entry: 'simulators/src/guests/main.ts' },
  { name: 'simulation', entry: 'simulators/src/sim/main.ts' },
  { name: 'fuzz-worker', entry: 'simulators/src/fuzz/main.ts' },
  { name: 'relay', entry: 'simulators/src/torture/main.ts' },
  { name: 'signage-page', entry: 'signage-player/src/page/main.ts', browser: true },
];

const bundleDir = join(rootDir, 'build', 'bundles');

const oldChunkMs = 24 * 60 * 60 * 1000;

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

async function workspaces() {
  const manifest = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8'));
  return manifest.workspaces;
}

async function newestIn(path, seen) {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return;
  seen.count += 1;
  seen.newestMs = Math.max(seen.newestMs, info.mtimeMs);
  if (!info.isDirectory()) return;
  const entries = await readdir(path, { withFileTypes: true });
  await Promise.all(entries.map((entry) => newestIn(join(path, entry.name), seen)));
}

/** A short text that changes whenever a source, a manifest or this list does. */
export async function sourceFingerprint() {
  const seen = { newestMs: 0, count: 0 };
  const roots = (await workspaces()).flatMap((name) => [`${name}/src`, `${name}/package.json`]);
  const paths = [...roots, 'package-lock.json', relative(rootDir, fileURLToPath(import.meta.url))];
  await Promise.all(paths.map((path) => newestIn(join(rootDir, path), seen)));
  return `${seen.newestMs}:${seen.count}:${process.version}`;
}

async function externalPackages() {
  const manifests = await Promise.all(
    (await workspaces()).map(async (name) =>
      JSON.parse(await readFile(join(rootDir, name, 'package.json'), 'utf8')),
    ),
  );
  const names = manifests.flatMap((manifest) =>
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('@foyer/'));
}

// CommonJS packages inside an ES module still ask for Node's own modules by require.
const requireBanner =
  "import { createRequire as makeRequire } from 'node:module';" +
  'const require = makeRequire(import.meta.url);';

const forBrowser = {
  splitting: false,
  platform: 'browser',
  target: 'chrome120',
  conditions: ['foyer-source'],
  external: [],
  banner: {},
  minify: true,
  loader: { '.css': 'text' },
};

async function bundleOne(esbuild, { name, entry, external, browser }, packages) {
  const result = await esbuild.build({
    absWorkingDir: rootDir,
    entryPoints: [{ in: entry, out: name }],
    outdir: bundleDir,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${name}-chunk-[hash]`,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['foyer-source', 'module'],
    external: external ?? packages,
    banner: external === undefined ? {} : { js: requireBanner },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'silent',
    write: false,
    ...(browser ? forBrowser : {}),
  });
  return result.outputFiles;
}

// A file is complete under its own name or absent: another process may be loading it right now.
async function putInPlace(file) {
  const temporary = `${file.path}.${process.pid}`;
  await writeFile(temporary, file.contents);
  await rename(temporary, file.path);
}

async function removeOldChunks(keep) {
  const names = await readdir(bundleDir);
  for (const name of names) {
    const path = join(bundleDir, name);
    if (!name.includes('-chunk-') || keep.has(path)) continue;
    const info = await stat(path).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > oldChunkMs)
      await rm(path, { force: true });
  }
}

/**
 * Builds every bundle whose entry file exists. One that fails to build does not stop the others:
 * its old bundle is removed and its errors are returned as sentences.
 */
export async function buildBundles() {
  const esbuild = await import('esbuild');
  await mkdir(bundleDir, { recursive: true });
  const external = await externalPackages();
  const failures = [];
  const written = new Set();
  const buildEntry = async (bundle) => {
    const entryFile = join(bundleDir, `${bundle.name}.mjs`);
    if (!(await exists(join(rootDir, bundle.entry)))) return rm(entryFile, { force: true });
    try {
      const files = await bundleOne(esbuild, bundle, external);
      for (const file of files) written.add(file.path);
      // The entry goes last: whatever it names is already there.
      for (const file of files) if (file.path !== entryFile) await putInPlace(file);
      for (const file of files) if (file.path === entryFile) await putInPlace(file);
    } catch (error) {
      await rm(entryFile, { force: true });
      failures.push(await describeFailure(esbuild, bundle, error));
    }
    return undefined;
  };
  await Promise.all(bundleEntries.map(buildEntry));
  await removeOldChunks(written);
  return failures;
}

async function describeFailure(esbuild, bundle, error) {
  if (error.errors === undefined) return `${bundle.name}: ${error.message}`;
  const messages = await esbuild.formatMessages(error.errors, { kind: 'error' });
  return `${bundle.name}:\n${messages.join('')}`;
}

/**
 * Makes the bundles unless they are as new as the sources. Answers whether it built and what
 * failed; `say` is told before a build begins. Several processes may do this at once.
 */
export async function ensureBundles(say = () => {}) {
  const stampFile = join(bundleDir, 'stamp');
  const fingerprint = await sourceFingerprint();
  const stamp = await readFile(stampFile, 'utf8').catch(() => '');
  if (stamp === fingerprint) return { built: false, failures: [] };
  say(stamp === '' ? 'Building (first start)' : 'Building (sources changed)');
  const failures = await buildBundles();
  if (failures.length === 0) {
    await putInPlace({ path: stampFile, contents: fingerprint });
  } else {
    await rm(stampFile, { force: true });
  }
  return { built: true, failures };
}

/** The bundle's file; it exists after `ensureBundles`. */
export const bundleFile = (name) => join(bundleDir, `${name}.mjs`);
