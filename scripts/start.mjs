// npm start: installs what is missing, builds, and brings the theatre up until Ctrl-C.

import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import { rootDir } from './bundles.mjs';
import { ensureInstalled } from './setup/install.mjs';

if (await ensureInstalled()) {
  // In this very process: a signal reaches the command itself, and there is no second Node.
  process.argv = [process.argv[0], 'foyer', 'up', ...process.argv.slice(2)];
  await import(pathToFileURL(join(rootDir, 'cli', 'bin', 'foyer.mjs')).href);
} else {
  process.exitCode = 1;
}
