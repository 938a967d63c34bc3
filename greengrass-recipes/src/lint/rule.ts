import type { LifecycleStep, Manifest, Recipe, StepName } from '../recipe.ts';
import { scriptOf, stepNames } from '../recipe.ts';
import type { Problem } from './finding.ts';

/** One thing that a recipe must keep to, so that both nuclei run it. */
export interface Rule {
  /** Stable: people look it up and scripts match it. */
  readonly name: string;
  /** All places of a recipe that break the rule. `sizeBytes` is its file's. */
  check(recipe: Recipe, sizeBytes: number): Problem[];
}

/** A rule that looks at each manifest by itself; `at` is the manifest's place. */
export function manifestRule(
  name: string,
  check: (manifest: Manifest, at: readonly PropertyKey[], recipe: Recipe) => Problem[],
): Rule {
  return {
    name,
    check: (recipe) =>
      recipe.Manifests.flatMap((manifest, index) => check(manifest, ['Manifests', index], recipe)),
  };
}

interface PlacedStep {
  readonly name: StepName;
  readonly step: LifecycleStep;
  readonly script: string;
  readonly at: readonly PropertyKey[];
}

/** A rule that looks at each lifecycle step by itself. */
export function stepRule(name: string, check: (placed: PlacedStep) => Problem[]): Rule {
  return manifestRule(name, (manifest, at) =>
    stepNames.flatMap((stepName) => {
      const step = manifest.Lifecycle?.[stepName];
      if (step === undefined) return [];
      const place = [...at, 'Lifecycle', stepName];
      return check({ name: stepName, step, script: scriptOf(step), at: place });
    }),
  );
}
