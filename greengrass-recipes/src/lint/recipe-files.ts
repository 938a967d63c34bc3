import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const jsonIn = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(dir, name));

/**
 * The recipes that a path stands for: the file itself, or the JSON files of the directory named
 * `recipes` in it (or that it is), or its own. Throws FoyerError `not-found` for none.
 */
export function recipeFiles(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [path];
  const dir = [join(path, 'recipes'), path].find(isDirectory);
  const files = dir === undefined ? [] : jsonIn(dir);
  if (files.length > 0) return files;
  throw new FoyerError('not-found', `There is no recipe at ${path}.`, {
    whatToDo: 'Name a recipe, a directory of recipes, or one that holds a directory `recipes`.',
  });
}
