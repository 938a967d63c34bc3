export { lintFiles, lintRecipe, ruleNames } from './lint/lint.ts';
export type { Finding } from './lint/finding.ts';
export { recipeSchema, scriptOf, stepNames } from './recipe.ts';
export type { Artifact, LifecycleStep, Manifest, Recipe, StepName } from './recipe.ts';
