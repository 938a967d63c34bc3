import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { unzipSync } from 'fflate';

/** Unpacks a package as a nucleus does: files that can be read, whatever the zip says of modes. */
export function unpack(zipFile: string, dir: string): void {
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(zipFile)))) {
    const file = join(dir, path);
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (path.endsWith('/')) continue;
    writeFileSync(file, bytes, { mode: 0o444 });
  }
}
