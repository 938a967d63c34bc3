import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { rootDir } from '../bundles.mjs';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

// What may be shipped with an Apache-2.0 program. LGPL covers libvips, which sharp loads as a
// separate library that anybody may replace.
const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
  'LGPL-3.0-or-later',
]);

const isAllowed = (license: string): boolean => {
  const words = license.replace(/[()]/g, '').trim();
  if (words.includes(' OR ')) return words.split(' OR ').some(isAllowed);
  return words.split(' AND ').every((name) => allowed.has(name.trim()));
};

test('every package that is shipped has a licence that Apache-2.0 programs may use', () => {
  const text = readFileSync(join(rootDir, 'package-lock.json'), 'utf8');
  const { packages } = lockSchema.parse(JSON.parse(text));
  const shipped = Object.entries(packages).filter(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.dev && !entry.link,
  );
  expect(shipped.length).toBeGreaterThan(50);
  const refused = shipped
    .filter(([, entry]) => !isAllowed(entry.license ?? 'none given'))
    .map(([path, entry]) => `${path}: ${entry.license ?? 'none given'}`);
  expect(refused).toEqual([]);
});

test('a copyleft or missing licence is refused', () => {
  expect(isAllowed('GPL-3.0')).toBe(false);
  expect(isAllowed('MIT AND AGPL-3.0')).toBe(false);
  expect(isAllowed('(GPL-2.0 OR MIT)')).toBe(true);
});
