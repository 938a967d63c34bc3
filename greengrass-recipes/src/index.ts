export { lintFiles, lintRecipe, ruleNames } from './lint/lint.ts';
export type { Finding } from './lint/finding.ts';
export { recipeSchema, scriptOf, stepNames } from './recipe.ts';
export type { Artifact, LifecycleStep, Manifest, Recipe, StepName } from './recipe.ts';
export { buildComponents } from './packaging/build.ts';
export type {
  BuildManifest,
  BuildRequest,
  BuiltArtifact,
  BuiltComponent,
} from './packaging/build.ts';
export { unpack } from './packaging/unpack.ts';
export { platformNames } from './packaging/platforms.ts';
export type { Platform } from './packaging/platforms.ts';
