import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { rootDir } from '../bundles.mjs';

/** A miniature of the repository: real manifests and configuration, sources of the test's own. */
export interface PlantedTree {
  readonly dir: string;
  /** Writes a file, its directories included. */
  plant(path: string, text: string): void;
  remove(): void;
}

const configuration = [
  'package.json',
  'tsconfig.base.json',
  '.oxlintrc.json',
  '.oxfmtrc.json',
  '.dependency-cruiser.cjs',
  'scripts/lint',
];

function workspaceNames(): string[] {
  const text = readFileSync(join(rootDir, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as { workspaces: string[] };
  return manifest.workspaces;
}

// Everything that is installed, but with our own packages pointing into the miniature.
function linkModules(dir: string): void {
  const modules = join(dir, 'node_modules');
  mkdirSync(join(modules, '@foyer'), { recursive: true });
  for (const name of readdirSync(join(rootDir, 'node_modules'))) {
    if (name === '@foyer' || name.startsWith('.')) continue;
    symlinkSync(join(rootDir, 'node_modules', name), join(modules, name));
  }
  for (const name of workspaceNames()) symlinkSync(join(dir, name), join(modules, '@foyer', name));
}

/** Makes the miniature in a temporary directory; each workspace exports one constant. */
export function createPlantedTree(): PlantedTree {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-planted-'));
  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const path of configuration) {
    cpSync(join(rootDir, path), join(dir, path), { recursive: true });
  }
  for (const name of workspaceNames()) {
    for (const file of ['package.json', 'tsconfig.json']) {
      mkdirSync(join(dir, name), { recursive: true });
      cpSync(join(rootDir, name, file), join(dir, name, file));
    }
    plant(`${name}/src/index.ts`, 'export const room = 1;\n');
  }
  linkModules(dir);
  return { dir, plant, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
