import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { assetFile, bundleFile, homeDir } from './index.ts';

test('the home directory is the one whose manifest is named foyer', () => {
  const manifest: unknown = JSON.parse(readFileSync(`${homeDir()}/package.json`, 'utf8'));
  expect(manifest).toMatchObject({ name: 'foyer' });
});

test('bundles and assets are found from there, and the bundles exist when tests run', () => {
  expect(existsSync(bundleFile('cli'))).toBe(true);
  expect(existsSync(assetFile('platform/src/home/index.ts'))).toBe(true);
});
