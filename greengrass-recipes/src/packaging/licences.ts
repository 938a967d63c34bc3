import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { z } from 'zod';

/** A package of somebody else's inside a package of ours. */
export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** Its own text, copyright notices and all. */
  readonly text: string;
}

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
});

const textFile = /^(licen[cs]e|copying|notice|third.party.*)([.-].*)?$/i;

/** `node_modules/a/node_modules/@b/c/x.js` -> `node_modules/a/node_modules/@b/c`. */
const packagePath = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

function readPackage(dir: string): ThirdParty {
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')),
  );
  const names = readdirSync(dir).filter((name) => textFile.test(name));
  // What libvips is made of is told by its README alone.
  const found = names.length > 0 ? names.toSorted() : ['README.md'];
  const texts = found
    .filter((name) => existsSync(join(dir, name)))
    .map((name) => readFileSync(join(dir, name), 'utf8').trim());
  return {
    name: manifest.name,
    version: manifest.version,
    licence: manifest.license ?? 'unknown',
    text: texts.join('\n\n'),
  };
}

/** Who wrote what was bundled. @param extra directories of packages with native parts */
export function thirdParties(inputs: readonly string[], extra: readonly string[]): ThirdParty[] {
  const dirs = inputs
    .map((input) => packagePath.exec(input)?.[0])
    .filter((path) => path !== undefined)
    .map((path) => join(homeDir(), path));
  const found = [...new Set([...dirs, ...extra])].map(readPackage);
  const unique = new Map(found.map((party) => [`${party.name}@${party.version}`, party]));
  return [...unique.keys()].toSorted().flatMap((key) => unique.get(key) ?? []);
}

/** The LGPL asks for its own text, and that of the GPL which it builds on, beside its library. */
function copyleftTexts(parties: readonly ThirdParty[]): string[] {
  if (!parties.some(({ licence }) => licence.startsWith('LGPL-3.0'))) return [];
  const dir = join(homeDir(), 'greengrass-recipes', 'licences');
  return ['LGPL-3.0.txt', 'GPL-3.0.txt'].map((name) =>
    readFileSync(join(dir, name), 'utf8').trim(),
  );
}

/** The text that goes along with every package. */
export function licenceText(parties: readonly ThirdParty[]): string {
  const own = readFileSync(join(homeDir(), 'LICENSE'), 'utf8').trim();
  const others = parties.map(
    ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}`,
  );
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `${[`Foyer (Apache-2.0)\n\n${own}`, ...others, ...copyleftTexts(parties)].join(rule)}\n`;
}
