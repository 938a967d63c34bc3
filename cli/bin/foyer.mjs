#!/usr/bin/env node
// Makes the bundles when they are missing or older than the sources, then runs the command.

import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { bundleFile, ensureBundles } from '../../scripts/bundles.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

const ready = await ensureBundles(say).catch((error) => {
  say(
    error.code === 'ERR_MODULE_NOT_FOUND'
      ? 'Foyer is not installed yet. Run `npm ci` in the repository, then this command again.'
      : `Foyer could not build its programs: ${error.message}`,
  );
  return undefined;
});

for (const failure of ready?.failures ?? []) say(`Could not build ${failure}`);

if (ready === undefined || !existsSync(bundleFile('cli'))) {
  process.exitCode = 1;
} else {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(bundleFile('cli')).href);
}
