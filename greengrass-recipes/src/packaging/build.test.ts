import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { lintFiles } from '../lint/lint.ts';
import { recipeSchema } from '../recipe.ts';
import { buildComponents, type BuildManifest, type BuildRequest } from './build.ts';
import { bundle } from './bundle.ts';
import { nativeParts } from './natives.ts';
import { platforms, type Platform } from './platforms.ts';
import { compatibleWith } from './recipes.ts';
import { sqliteBinary } from './sqlite.ts';
import { zip } from './zip.ts';

// The first build compiles better-sqlite3 for the other platform; later ones take seconds.
const compileTimeoutMs = 900_000;
const version = '1.2.3';

let dir = '';
let manifest: BuildManifest;

const outDir = (): string => join(dir, 'one');
const read = (file: string): Buffer => readFileSync(join(outDir(), file));
const artifacts = () => manifest.components.flatMap((component) => component.artifacts);
const entriesIn = (zipFile: string) => Object.entries(unzipSync(read(zipFile)));
const filesIn = (zipFile: string) => entriesIn(zipFile).filter(([path]) => !path.endsWith('/'));

const request = (out: string, more: Partial<BuildRequest> = {}): BuildRequest => ({
  version,
  outDir: join(dir, out),
  models: { Faces: join(dir, 'faces') },
  ...more,
});

beforeAll(async () => {
  dir = makeTempDir('components');
  mkdirSync(join(dir, 'faces', 'tiny'), { recursive: true });
  writeFileSync(join(dir, 'faces', 'tiny', 'net.onnx'), 'a model');
  manifest = await buildComponents(request('one'));
}, compileTimeoutMs);

afterAll(() => removeTempDir(dir));

test('each component has its recipe, and a package for each platform', () => {
  expect(manifest.components.map(({ name }) => name)).toEqual([
    'com.foyer.EdgeAgent',
    'com.foyer.Scanner',
    'com.foyer.SignagePlayer',
    'com.foyer.Models.Faces',
  ]);
  for (const { name, recipe, artifacts: built } of manifest.components) {
    expect(recipe.file).toBe(`recipes/${name}-${version}.json`);
    const { Manifests, ComponentVersion } = recipeSchema.parse(
      JSON.parse(String(read(recipe.file))),
    );
    expect(ComponentVersion).toBe(version);
    const uris = Manifests.flatMap(({ Artifacts = [] }) => Artifacts.map(({ Uri }) => Uri));
    expect(uris).toEqual(built.map(({ file }) => `s3://foyer-components/${file.slice(10)}`));
  }
});

test('the recipes are fine', () => {
  expect(lintFiles([outDir()]).findings).toEqual([]);
});

test('a second build elsewhere, in another time zone, has the same bytes', async () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  try {
    expect(await buildComponents(request('two/deeper'))).toEqual(manifest);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
  for (const { file, sha256 } of artifacts()) {
    const bytes = readFileSync(join(dir, 'two/deeper', file));
    expect(bytes.equals(read(file))).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
});

test('nothing in a package tells where it was built', () => {
  for (const { file } of artifacts()) {
    for (const [path, bytes] of filesIn(file)) {
      expect(Buffer.from(bytes).includes(homeDir()), `${file}: ${path}`).toBe(false);
    }
  }
});

test('a zip is the same whatever the order of its files', () => {
  const a = { path: 'a', bytes: Buffer.from('one') };
  const b = { path: 'b/c', bytes: Buffer.from('two') };
  expect(zip([a, b])).toEqual(zip([b, a]));
});

const machineOf = { x64: 0x3e, arm64: 0xb7 } satisfies Record<Platform, number>;

test('each directory has an entry, before what is in it', () => {
  for (const { file } of artifacts()) {
    const seen = new Set<string>();
    for (const [path] of entriesIn(file)) {
      const parent = path.replace(/[^/]+\/?$/, '');
      expect(parent === '' || seen.has(parent), `${file}: ${path}`).toBe(true);
      seen.add(path);
    }
  }
});

test.each(['x64', 'arm64'] as const)(
  'the AWS SDK for %s, its native library included, is under 3 MB',
  async (platform) => {
    const entry = 'node_modules/aws-iot-device-sdk-v2/dist/index.js';
    const { files, inputs } = await bundle([{ name: 'sdk', entry }]);
    const native = await nativeParts(inputs, platform, () => {});
    expect(native.files.map(({ path }) => path)).toEqual([
      `node_modules/aws-crt/dist/bin/linux-${platform}-glibc/aws-crt-nodejs.node`,
    ]);
    expect(zip([...files, ...native.files]).length).toBeLessThan(3_000_000);
  },
);

test('a package holds native code of its own platform, and of no other', () => {
  for (const { file, platform } of artifacts()) {
    const elf = filesIn(file).filter(([, bytes]) => bytes[0] === 0x7f && bytes[1] === 0x45);
    const machines = new Set(elf.map(([, bytes]) => Buffer.from(bytes).readUInt16LE(18)));
    for (const machine of machines) expect(machine).toBe(machineOf[platform ?? 'x64']);
  }
});

test('a package holds what its programs need, and nothing else', () => {
  const names = (component: string, platform: Platform): string[] => {
    const found = artifacts().find(
      ({ file }) =>
        file.includes(component) && file.endsWith(`${platforms[platform].greengrass}.zip`),
    );
    return filesIn(found?.file ?? '').map(([path]) => path);
  };
  const base = ['LICENCES.txt', 'build/bundles/check.mjs', 'package.json'];
  for (const platform of ['x64', 'arm64'] as const) {
    const crt = `node_modules/aws-crt/dist/bin/linux-${platform}-glibc/aws-crt-nodejs.node`;
    const ours = (paths: string[]) => paths.filter((path) => !base.includes(path) && path !== crt);
    expect(ours(names('com.foyer.EdgeAgent', platform))).toEqual([
      'build/bundles/agent.mjs',
      'node_modules/better-sqlite3/build/Release/better_sqlite3.node',
    ]);
    expect(ours(names('com.foyer.SignagePlayer', platform))).toEqual([
      'build/bundles/player.mjs',
      'build/bundles/signage-page.mjs',
    ]);
    expect(ours(names('com.foyer.Scanner', platform))).toEqual([
      'build/bundles/decode-worker.mjs',
      'build/bundles/scanner.mjs',
      expect.stringMatching(/^node_modules\/@img\/sharp-libvips-.*\.so\.[\d.]+$/),
      `node_modules/@img/sharp-libvips-linux-${platform}/package.json`,
      `node_modules/@img/sharp-linux-${platform}/index.cjs`,
      expect.stringMatching(/^node_modules\/@img\/sharp-linux-.*\.node$/),
      `node_modules/@img/sharp-linux-${platform}/package.json`,
      'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm',
      'node_modules/zxing-wasm/package.json',
    ]);
  }
});

/** The most that a gate downloads for one component, without models and their runtime. */
const maxZipBytes = 15_000_000;

test('each package is under 15 MB', () => {
  for (const { file, sizeBytes } of artifacts()) {
    expect(read(file)).toHaveLength(sizeBytes);
    expect(sizeBytes).toBeLessThan(maxZipBytes);
  }
});

test('the licence of everything that is bundled is named, and its text goes along', () => {
  const scanner = artifacts().find(({ file }) => file.endsWith('scanner-amd64.zip'));
  const named = new Map(scanner?.licences.map(({ name, licence }) => [name, licence]));
  expect(named.get('sharp')).toBe('Apache-2.0');
  expect(named.get('@img/sharp-libvips-linux-x64')).toBe('LGPL-3.0-or-later');
  expect(named.get('zxing-wasm')).toBe('MIT');
  expect([...named.values()]).not.toContain('unknown');
  const [, text = Buffer.of()] =
    filesIn(scanner?.file ?? '').find(([path]) => path === 'LICENCES.txt') ?? [];
  const spoken = Buffer.from(text).toString();
  for (const name of named.keys()) expect(spoken).toContain(`${name} `);
  expect(spoken).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
});

test("a model component's package holds the files of its directory", () => {
  const { artifacts: built } = manifest.components.at(-1) ?? { artifacts: [] };
  expect(built.map(({ file, platform }) => [file, platform])).toEqual([
    [`artifacts/com.foyer.Models.Faces/${version}/models.zip`, null],
  ]);
  expect(filesIn(built[0]?.file ?? '').map(([path]) => path)).toEqual(['tiny/net.onnx']);
});

test('one platform alone: its recipe promises no other', async () => {
  const { components } = await buildComponents(request('three', { platforms: ['arm64'] }));
  const [agent] = components;
  const recipe = readFileSync(join(dir, 'three', agent?.recipe.file ?? ''), 'utf8');
  const { Manifests } = recipeSchema.parse(JSON.parse(recipe));
  expect(Manifests.map(({ Platform }) => Platform?.['architecture'])).toEqual(['aarch64']);
});

test('a version that is none is refused before anything is built', async () => {
  await expect(buildComponents(request('four', { version: '1.2' }))).rejects.toThrow(
    /not a version/,
  );
});

test('without compilers the error names their Debian packages and the way without', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = join(dir, 'empty');
  try {
    const other: Platform = process.arch === 'x64' ? 'arm64' : 'x64';
    const failed = sqliteBinary(other, () => {}, join(dir, 'no-cache'));
    await expect(failed).rejects.toMatchObject({
      code: 'dependency-missing',
      whatToDo: expect.stringMatching(/gcc-\S+-linux-gnu and g\+\+-.*--platform/) as string,
    });
  } finally {
    process.env['PATH'] = path;
  }
});

test.each([
  ['1.2.3', '>=1.0.0 <2.0.0'],
  ['0.3.1', '>=0.3.0 <0.4.0'],
  ['12.0.0-rc.1', '>=12.0.0 <13.0.0'],
])('components of %s work with %s', (given, range) => {
  expect(compatibleWith(given)).toBe(range);
});
