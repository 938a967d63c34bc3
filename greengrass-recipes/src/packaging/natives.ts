import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageDir } from './npm-package.ts';
import type { PackageFile } from './package-file.ts';
import type { Platform } from './platforms.ts';
import { sqliteBinary } from './sqlite.ts';

export type Say = (line: string) => void;

export interface NativePart {
  readonly files: PackageFile[];
  /** Directories of packages that it adds to those whose sources are bundled. */
  readonly packages: string[];
}

/** The part of a package that cannot be bundled: it stays at its place under node_modules. */
interface NativePackage {
  /** Bundled sources of this package say that the part is needed. */
  readonly name: string;
  collect(platform: Platform, say: Say): Promise<NativePart>;
}

/** Files of a package at their own place; each path ends a name or begins it. */
async function filesOf(
  name: string,
  wanted: (path: string) => boolean,
  say: Say,
): Promise<NativePart> {
  const dir = await packageDir(name, say);
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, path: file.slice(dir.length + 1) }))
    .filter(({ path }) => wanted(path))
    .map(({ file, path }) => ({ path: `node_modules/${name}/${path}`, bytes: readFileSync(file) }));
  return { files, packages: [dir] };
}

const sqlite: NativePackage = {
  name: 'better-sqlite3',
  async collect(platform, say) {
    const bytes = await sqliteBinary(platform, say);
    const path = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
    return { files: [{ path, bytes }], packages: [] };
  },
};

const sharp: NativePackage = {
  name: 'sharp',
  async collect(platform, say) {
    const isBinary = (path: string): boolean =>
      path === 'package.json' || path === 'index.cjs' || /^lib\/[^/]+\.(node|so[.\d]*)$/.test(path);
    const parts = [
      await filesOf(`@img/sharp-linux-${platform}`, isBinary, say),
      await filesOf(`@img/sharp-libvips-linux-${platform}`, isBinary, say),
    ];
    return {
      files: parts.flatMap(({ files }) => files),
      packages: parts.flatMap(({ packages }) => packages),
    };
  },
};

const zxing: NativePackage = {
  name: 'zxing-wasm',
  collect: (_platform, say) =>
    filesOf(
      'zxing-wasm',
      (path) => path === 'package.json' || path === 'dist/reader/zxing_reader.wasm',
      say,
    ),
};

const awsCrt: NativePackage = {
  name: 'aws-crt',
  collect: (platform, say) =>
    filesOf(
      'aws-crt',
      (path) => path === `dist/bin/linux-${platform}-glibc/aws-crt-nodejs.node`,
      say,
    ),
};

/** Every package with a part that cannot be bundled. A package that gains one is added here. */
const nativePackages: readonly NativePackage[] = [sqlite, sharp, zxing, awsCrt];

/** The native parts that these bundled sources need, and nothing else. */
export async function nativeParts(
  inputs: readonly string[],
  platform: Platform,
  say: Say,
): Promise<NativePart> {
  const parts: NativePart[] = [];
  for (const native of nativePackages) {
    const isUsed = inputs.some((input) => input.startsWith(`node_modules/${native.name}/`));
    if (isUsed) parts.push(await native.collect(platform, say));
  }
  return {
    files: parts.flatMap(({ files }) => files),
    packages: parts.flatMap(({ packages }) => packages),
  };
}

/** The newest glibc that a binary asks for, `[2, 34]`; null for one that asks for none. */
export function glibcOf(files: readonly PackageFile[]): readonly [number, number] | null {
  const versions = files
    .filter(({ path }) => /\.(node|so[.\d]*)$/.test(path))
    .flatMap(({ bytes }) => [
      ...Buffer.from(bytes)
        .toString('latin1')
        .matchAll(/GLIBC_2\.(\d+)/g),
    ])
    .map(([, minor]) => Number(minor));
  return versions.length === 0 ? null : [2, Math.max(...versions)];
}
