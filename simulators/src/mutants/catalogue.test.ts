import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';

import { allMutants, catalogue } from './catalogue/index.ts';
import { outOfReach } from './catalogue/out-of-reach.ts';
import { applyEdits, filesOf, type Mutant } from './mutant.ts';

test('there are at least 40 planted bugs, each with a name and a sentence of its own', () => {
  expect(catalogue.length).toBeGreaterThanOrEqual(40);
  expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
  expect(new Set(allMutants.map(({ why }) => why)).size).toBe(allMutants.length);
  expect(catalogue.length + Object.keys(outOfReach).length).toBe(allMutants.length);
  const unfit = allMutants.filter(
    ({ name, why }) => !/^[a-z]+(-[a-z]+)*$/.test(name) || !/^[A-Z].*\.$/.test(why),
  );
  expect(unfit).toEqual([]);
});

/** Why a mutant cannot be planted; null when it can. */
async function misfit(planted: Mutant): Promise<string | null> {
  try {
    for (const file of filesOf(planted)) {
      const source = await readFile(join(homeDir(), file), 'utf8');
      const changed = applyEdits(source, file, planted);
      if (changed === source) return `${planted.name} changes nothing`;
      await transform(changed, { loader: 'ts' });
    }
    return null;
  } catch (error) {
    return `${planted.name}: ${String(error)}`;
  }
}

test('each still fits the sources, changes them, and can be compiled', async () => {
  const misfits = await Promise.all(allMutants.map(misfit));
  expect(misfits.filter((reason) => reason !== null)).toEqual([]);
});
