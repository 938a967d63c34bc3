import { readFileSync } from 'node:fs';

import type { Finding, Problem } from './finding.ts';
import { readFormat } from './format.ts';
import { readOfficialSchema, type OfficialCheck } from './official-schema.ts';
import { recipeFiles } from './recipe-files.ts';
import type { Rule } from './rule.ts';
import { accessRules } from './rules/access.ts';
import { lifecycleRules } from './rules/lifecycle.ts';
import { manifestRules } from './rules/manifests.ts';
import { recipeRules } from './rules/recipe.ts';

const rules: readonly Rule[] = [
  ...recipeRules,
  ...manifestRules,
  ...lifecycleRules,
  ...accessRules,
];

/** The stable name of every rule. */
export const ruleNames: readonly string[] = [
  'json',
  'official-schema',
  'recipe-format',
  'key-case',
  'lower-case-steps',
  ...rules.map(({ name }) => name),
];

/**
 * Everything that is wrong with one recipe.
 * @param file its name, for the findings
 * @param official AWS's schema, where it is at hand
 */
export function lintRecipe(file: string, text: string, official?: OfficialCheck): Finding[] {
  const found = (rule: string, problems: readonly Problem[]): Finding[] =>
    problems.map((problem) => ({ file, rule, ...problem }));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? `${error.message}.` : String(error);
    return found('json', [{ path: '$', problem, whatToDo: 'Mend the JSON.' }]);
  }
  const bySchema = found('official-schema', official?.(value) ?? []);
  const format = readFormat(value);
  if ('problems' in format) {
    return [...bySchema, ...format.problems.map((problem) => ({ file, ...problem }))];
  }
  const sizeBytes = Buffer.byteLength(text);
  const byRules = rules.flatMap((rule) => found(rule.name, rule.check(format.recipe, sizeBytes)));
  return [...bySchema, ...byRules];
}

/**
 * Checks every recipe that `paths` stand for. Throws FoyerError `not-found` where there is none.
 * @param schemaPath AWS's own recipe schema; without it only our rules are applied
 */
export function lintFiles(
  paths: readonly string[],
  schemaPath?: string,
): { files: string[]; findings: Finding[] } {
  const official = schemaPath === undefined ? undefined : readOfficialSchema(schemaPath);
  const files = paths.flatMap(recipeFiles);
  const findings = files.flatMap((file) => lintRecipe(file, readFileSync(file, 'utf8'), official));
  return { files, findings };
}
