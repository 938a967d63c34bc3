import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { homeDir } from '@foyer/platform/home';

import { lintRecipe } from '../lint/lint.ts';
import { recipeSchema, type Manifest, type Recipe } from '../recipe.ts';

/** What is filled into a recipe of ours. */
export interface RecipeFilling {
  readonly name: string;
  readonly version: string;
  /** `s3://BUCKET/PREFIX`, without a slash at its end. */
  readonly artifactsUri: string;
  /** Greengrass's names of the processors that there are packages for. */
  readonly architectures: readonly string[];
}

const own = 'com.foyer.';

/** All versions that speak with this one: `>=1.0.0 <2.0.0`, and `>=0.3.0 <0.4.0` before 1.0. */
export function compatibleWith(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > 0 ? `>=${major}.0.0 <${major + 1}.0.0` : `>=0.${minor}.0 <0.${minor + 1}.0`;
}

function fillManifest(
  manifest: Manifest,
  { name, version, artifactsUri }: RecipeFilling,
): Manifest {
  const Artifacts = manifest.Artifacts?.map((artifact) => {
    const file = artifact.Uri.slice(artifact.Uri.lastIndexOf('/') + 1);
    return { ...artifact, Uri: `${artifactsUri}/${name}/${version}/${file}` };
  });
  return { ...manifest, ...(Artifacts === undefined ? {} : { Artifacts }) };
}

function fillDependencies(
  { ComponentDependencies }: Recipe,
  { version }: RecipeFilling,
): Recipe['ComponentDependencies'] {
  if (ComponentDependencies === undefined) return undefined;
  const VersionRequirement = compatibleWith(version);
  return Object.fromEntries(
    Object.entries(ComponentDependencies).map(([name, needed]) => [
      name,
      name.startsWith(own) ? { ...needed, VersionRequirement } : needed,
    ]),
  );
}

/**
 * The recipe of a built component: version, dependencies on components of ours, and where its
 * packages are published. Throws FoyerError `internal` for one that breaks a lint rule.
 * @param template the recipe's name in `recipes/`
 */
export function fillRecipe(template: string, filling: RecipeFilling): string {
  const path = join(homeDir(), 'greengrass-recipes', 'recipes', `${template}.json`);
  const recipe: Recipe = recipeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const dependencies = fillDependencies(recipe, filling);
  const filled: Recipe = {
    ...recipe,
    ComponentName: filling.name,
    ComponentVersion: filling.version,
    ...(dependencies === undefined ? {} : { ComponentDependencies: dependencies }),
    Manifests: recipe.Manifests.filter(({ Platform }) => {
      const architecture = Platform?.['architecture'];
      return architecture === undefined || filling.architectures.includes(architecture);
    }).map((manifest) => fillManifest(manifest, filling)),
  };
  const text = `${JSON.stringify(filled, null, 2)}\n`;
  const [broken] = lintRecipe(path, text);
  if (broken === undefined) return text;
  const message = `${filling.name}: ${broken.path}: ${broken.problem}`;
  throw new FoyerError('internal', message, { whatToDo: broken.whatToDo });
}
