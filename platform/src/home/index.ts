import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A bundle, a source file under test and a packaged component lie at different depths below the
// directory whose package.json is named foyer; looking upwards finds it from each of them.
function findHome(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (existsSync(manifest) && /"name":\s*"foyer"/.test(readFileSync(manifest, 'utf8')))
      return dir;
    if (dirname(dir) === dir) {
      throw new Error(`No directory above ${from} holds Foyer's package.json. Reinstall Foyer.`);
    }
  }
}

let home: string | undefined;

/** The directory that Foyer is installed in: the repository's root, or a packaged component's. */
export function homeDir(): string {
  home ??= findHome(dirname(fileURLToPath(import.meta.url)));
  return home;
}

/** A program's or worker's bundle by its name in scripts/bundles.mjs, for spawn and new Worker. */
export function bundleFile(name: string): string {
  return join(homeDir(), 'build', 'bundles', `${name}.mjs`);
}

/** A file beside the sources, such as a page: `assetFile('scanner/src/page/index.html')`. */
export function assetFile(path: string): string {
  return join(homeDir(), path);
}
