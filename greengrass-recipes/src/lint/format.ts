import type { z } from 'zod';

import { stepNames, recipeSchema, type Recipe } from '../recipe.ts';
import { jsonPath, type Problem } from './finding.ts';

type FormatRule = 'lower-case-steps' | 'key-case' | 'recipe-format';

interface FormatProblem extends Problem {
  readonly rule: FormatRule;
}

/** Keys of the format whose case nucleus lite minds, as it wants them. */
const knownKeys = [
  'RecipeFormatVersion',
  'ComponentName',
  'ComponentVersion',
  'ComponentType',
  'ComponentDescription',
  'ComponentPublisher',
  'ComponentConfiguration',
  'DefaultConfiguration',
  'ComponentDependencies',
  'VersionRequirement',
  'DependencyType',
  'Manifests',
  'Name',
  'Platform',
  'Lifecycle',
  'Selections',
  'Artifacts',
  'Uri',
  'Unarchive',
  'Permission',
  'Read',
  'Execute',
  'Digest',
  'Algorithm',
  'Script',
  'RequiresPrivilege',
  'Skipif',
  'Setenv',
  'Timeout',
  'policyDescription',
  'operations',
  'resources',
  ...stepNames,
];

const rightCase = new Map(knownKeys.map((key) => [key.toLowerCase(), key]));
const steps = new Set<string>(stepNames);

function wrongKey(key: string, path: readonly PropertyKey[]): FormatProblem {
  const right = rightCase.get(key.toLowerCase());
  const at = jsonPath([...path, key]);
  if (right === undefined || right === key) {
    const problem = `Recipes have no "${key}" here.`;
    return { rule: 'recipe-format', path: at, problem, whatToDo: 'Remove it.' };
  }
  return {
    rule: steps.has(right) ? 'lower-case-steps' : 'key-case',
    path: at,
    problem: `Nucleus lite minds the case of keys: it does not see "${key}".`,
    whatToDo: `Write "${right}".`,
  };
}

function describe(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): FormatProblem[] {
  const at = [...path, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => wrongKey(key, at));
  // A step is text or an object; what is wrong inside the object is the news.
  const inner = issue.code === 'invalid_union' ? issue.errors.find((e) => e[0]?.path.length) : null;
  const unknown =
    issue.code === 'invalid_union' &&
    issue.errors.flat().find(({ code }) => code === 'unrecognized_keys');
  if (unknown) return describe(unknown, at);
  if (inner) return inner.flatMap((one) => describe(one, at));
  return [
    {
      rule: 'recipe-format',
      path: jsonPath(at),
      problem: `${issue.message}.`,
      whatToDo: 'See the component recipe reference of AWS IoT Greengrass, format 2020-01-25.',
    },
  ];
}

/** A key of wrong case makes the right one look absent: that is one problem, not two. */
function withoutEchoes(problems: readonly FormatProblem[]): FormatProblem[] {
  const misspelt = new Set(
    problems.filter(({ rule }) => rule !== 'recipe-format').map(({ path }) => path.toLowerCase()),
  );
  return problems.filter(
    ({ rule, path }) => rule !== 'recipe-format' || !misspelt.has(path.toLowerCase()),
  );
}

/** The recipe, or what is wrong with its shape; then the other rules have nothing to look at. */
export function readFormat(value: unknown): { recipe: Recipe } | { problems: FormatProblem[] } {
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return { recipe: parsed.data };
  return { problems: withoutEchoes(parsed.error.issues.flatMap((issue) => describe(issue, []))) };
}
