// `npm run contracts`: writes what is generated from the contracts, and pins new shapes.
// `npm run contracts -- --repin`: accepts changed shapes, too.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { comparePins, documents, makePins } from '../src/documents/index.ts';
import { protocolVersion } from '../src/protocol-version.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const pinsFile = join(root, 'contracts', 'fixtures', 'schema-hashes.json');
const hashOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
  process.stdout.write(`wrote ${path.slice(root.length + 1)}\n`);
}

const pins = existsSync(pinsFile)
  ? JSON.parse(readFileSync(pinsFile, 'utf8'))
  : { protocolVersion, hashes: {} };
const { changed, removed } = comparePins(pins, hashOf);
const accepted = process.argv.includes('--repin') || pins.protocolVersion !== protocolVersion;

if (changed.length + removed.length > 0 && !accepted) {
  process.stderr.write(
    `Changed or removed: ${[...changed, ...removed].join(', ')}.\n` +
      'If nodes of the previous version still understand each other (a new optional field), run\n' +
      '`npm run contracts -- --repin`. Otherwise raise protocolVersion in\n' +
      'contracts/src/protocol-version.ts first.\n',
  );
  process.exitCode = 1;
} else {
  write(pinsFile, `${JSON.stringify(makePins(hashOf), null, 2)}\n`);
  for (const [path, text] of Object.entries(documents())) write(join(root, path), text);
}
