import { isNestedDeeper } from '@foyer/contracts';

import { jsonPath } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** AWS IoT Greengrass: the size of a recipe. */
export const maxRecipeBytes = 16 * 1024;
/** Nucleus lite reads a recipe's file into 8,196 bytes; a longer one fails the deployment. */
export const maxLiteRecipeBytes = 8_000;
/** JSON nested about 20 deep hangs nucleus lite for all components. */
const maxDepth = 12;

const recipeSize: Rule = {
  name: 'recipe-size',
  check: (_recipe, sizeBytes) => {
    if (sizeBytes <= maxRecipeBytes) return [];
    const problem = `The recipe is ${sizeBytes} bytes; Greengrass takes ${maxRecipeBytes}.`;
    return [{ path: '$', problem, whatToDo: 'Move scripts into the zip.' }];
  },
};

const liteRecipeSize: Rule = {
  name: 'lite-recipe-size',
  check: (_recipe, sizeBytes) => {
    if (sizeBytes <= maxLiteRecipeBytes || sizeBytes > maxRecipeBytes) return [];
    const problem = `The recipe is ${sizeBytes} bytes; nucleus lite reads ${maxLiteRecipeBytes}.`;
    return [{ path: '$', problem, whatToDo: 'Move scripts into the zip; list fewer defaults.' }];
  },
};

const nesting: Rule = {
  name: 'nesting',
  check: ({ ComponentConfiguration }) => {
    if (!isNestedDeeper(ComponentConfiguration, maxDepth)) return [];
    return [
      {
        path: jsonPath(['ComponentConfiguration', 'DefaultConfiguration']),
        problem: 'JSON nested about 20 deep hangs nucleus lite for all components.',
        whatToDo: `Nest at most ${maxDepth} levels.`,
      },
    ];
  },
};

const hardDependency: Rule = {
  name: 'hard-dependency',
  check: ({ ComponentDependencies = {} }) =>
    Object.entries(ComponentDependencies).flatMap(([name, { DependencyType }]) => {
      if (DependencyType === 'SOFT') return [];
      return [
        {
          path: jsonPath(['ComponentDependencies', name, 'DependencyType']),
          problem: 'A restart of the other component would restart this one.',
          whatToDo: 'Write "DependencyType": "SOFT": each program waits for the others.',
        },
      ];
    }),
};

const secretText = /-----BEGIN [A-Z ]+-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b/;
const secretName = /(password|passphrase|secret|token|privateKey)$/i;

const noSecret: Rule = {
  name: 'no-secret',
  check: ({ ComponentConfiguration }) => {
    const found: string[] = [];
    const look = (value: unknown, at: readonly PropertyKey[]): void => {
      if (typeof value === 'string') {
        const named = secretName.test(String(at.at(-1))) && value !== '';
        if (named || secretText.test(value)) found.push(jsonPath(at));
      } else if (typeof value === 'object' && value !== null) {
        for (const [name, inner] of Object.entries(value)) {
          look(inner, [...at, Array.isArray(value) ? Number(name) : name]);
        }
      }
    };
    look(ComponentConfiguration, ['ComponentConfiguration']);
    return found.map((path) => ({
      path,
      problem: 'A recipe is readable by everybody who may read the component.',
      whatToDo: 'Leave it empty, and name a secret of Secrets Manager in the configuration.',
    }));
  },
};

export const recipeRules: readonly Rule[] = [
  recipeSize,
  liteRecipeSize,
  nesting,
  hardDependency,
  noSecret,
];
