import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { recipeSchema, scriptOf, type Manifest, type Recipe } from '@foyer/greengrass-recipes';
import { unzipSync } from 'fflate';

/** One component, as a nucleus of this machine takes it. */
export interface DeployedComponent {
  name: string;
  version: string;
  recipe: Recipe;
  manifest: Manifest;
  configuration: unknown;
  /** Its steps' scripts, by name, as the recipe has them. */
  scripts: Readonly<Record<string, string>>;
}

/** Recipes and packages, in the order that their dependencies ask for. */
export interface Deployment {
  components: readonly DeployedComponent[];
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' };

/** The first manifest that is for this machine, as both nuclei choose. */
function manifestOf(recipe: Recipe): Manifest {
  const here = { os: 'linux', architecture: architectures[process.arch] ?? process.arch };
  const found = recipe.Manifests.find(({ Platform = {} }) =>
    Object.entries(here).every(([key, value]) => [undefined, '*', value].includes(Platform[key])),
  );
  if (found !== undefined) return found;
  throw new FoyerError('not-found', `${recipe.ComponentName} has no manifest for this machine.`);
}

function componentOf(recipe: Recipe): DeployedComponent {
  const manifest = manifestOf(recipe);
  const { install, run, startup } = manifest.Lifecycle ?? {};
  const steps = Object.entries({ install, startup, run }).flatMap(([name, step]) =>
    step === undefined ? [] : [[name, scriptOf(step)] as const],
  );
  return {
    name: recipe.ComponentName,
    version: recipe.ComponentVersion,
    recipe,
    manifest,
    configuration: recipe.ComponentConfiguration?.DefaultConfiguration ?? {},
    scripts: Object.fromEntries(steps),
  };
}

/** Dependencies first. Throws `not-found` for one that is missing, `wrong-state` for a circle. */
export function inOrder(components: readonly DeployedComponent[]): DeployedComponent[] {
  const ordered: DeployedComponent[] = [];
  const under = new Set<string>();
  const place = (name: string, askedBy: string): void => {
    if (ordered.some((component) => component.name === name)) return;
    const component = components.find((one) => one.name === name);
    if (component === undefined) {
      throw new FoyerError('not-found', `${askedBy} depends on ${name}, which is not there.`);
    }
    if (under.has(name)) {
      throw new FoyerError('wrong-state', `${name} depends on itself by way of ${askedBy}.`);
    }
    under.add(name);
    const dependencies = Object.keys(component.recipe.ComponentDependencies ?? {});
    for (const other of dependencies.filter((one) => !one.startsWith('aws.greengrass.'))) {
      place(other, name);
    }
    under.delete(name);
    ordered.push(component);
  };
  for (const { name } of components) place(name, 'the deployment');
  return ordered;
}

/** Unpacks a package where a nucleus does: in a directory that has the package's name. */
function unpackZip(file: string, intoDir: string): void {
  const root = resolve(intoDir, basename(file, '.zip'));
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(file)))) {
    const target = resolve(root, path);
    if (!target.startsWith(root + sep)) {
      throw new FoyerError('bad-request', `${file} holds ${path}, which lies outside it.`);
    }
    if (path.endsWith('/')) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/**
 * Reads what `foyer recipes build` wrote, and unpacks the packages of this machine below `rootDir`.
 * Throws FoyerError `not-found`.
 */
export function readDeployment(builtDir: string, rootDir: string): Deployment {
  const recipesDir = join(builtDir, 'recipes');
  const recipes = readdirSync(recipesDir).map((file) =>
    recipeSchema.parse(JSON.parse(readFileSync(join(recipesDir, file), 'utf8'))),
  );
  const components = inOrder(recipes.map(componentOf));
  for (const { name, version, manifest } of components) {
    for (const { Uri } of manifest.Artifacts ?? []) {
      const file = join(builtDir, 'artifacts', name, version, basename(Uri));
      unpackZip(file, join(rootDir, 'packages', 'artifacts-unarchived', name, version));
    }
  }
  return { components };
}
