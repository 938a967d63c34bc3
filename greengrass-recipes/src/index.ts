export { lintFiles, lintRecipe, ruleNames } from './lint/lint.ts';
export type { Finding } from './lint/finding.ts';
export { recipeSchema, scriptOf, stepNames } from './recipe.ts';
export type { Artifact, LifecycleStep, Manifest, Recipe, StepName } from './recipe.ts';
export { buildComponents } from './build/build.ts';
export type { BuildManifest, BuildRequest, BuiltArtifact, BuiltComponent } from './build/build.ts';
export { unpack } from './build/unpack.ts';
export { platformNames } from './build/platforms.ts';
export type { Platform } from './build/platforms.ts';
