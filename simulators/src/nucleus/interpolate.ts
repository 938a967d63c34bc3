import type { NucleusKind } from './behaviour.ts';

/** What a recipe's variables stand for, of one component on one box. */
export interface RecipeVariables {
  component: string;
  version: string;
  /** The nucleus's root directory. */
  rootDir: string;
  thingName: string;
  configuration: unknown;
}

const variable = /\{(?:([\w.-]+):)?(artifacts|work|kernel|iot|configuration):([^{}]+)\}/g;

type Tree = { [name: string]: unknown };

function atPointer(tree: unknown, pointer: string): unknown {
  let found = tree;
  for (const key of pointer.split('/').filter((part) => part !== '')) {
    found = typeof found === 'object' && found !== null ? (found as Tree)[key] : undefined;
  }
  return found;
}

function valueOf(variables: RecipeVariables, kind: string, key: string): string | null {
  const { component, version, rootDir, thingName, configuration } = variables;
  switch (`${kind}:${key}`) {
    case 'artifacts:path':
      return `${rootDir}/packages/artifacts/${component}/${version}`;
    case 'artifacts:decompressedPath':
      return `${rootDir}/packages/artifacts-unarchived/${component}/${version}`;
    case 'work:path':
      return `${rootDir}/work/${component}`;
    case 'kernel:rootPath':
      return rootDir;
    case 'iot:thingName':
      return thingName;
    default: {
      if (kind !== 'configuration') return null;
      const value = atPointer(configuration, key);
      if (value === undefined) return null;
      return typeof value === 'string' ? value : JSON.stringify(value);
    }
  }
}

/**
 * A script with its variables filled in. Where a variable is another component's, nucleus lite cuts
 * the script there and runs the part before it; the classic one leaves it as it is.
 */
export function interpolate(script: string, kind: NucleusKind, variables: RecipeVariables): string {
  let text = '';
  let from = 0;
  for (const match of script.matchAll(variable)) {
    const [whole, other, group = '', key = ''] = match;
    text += script.slice(from, match.index);
    from = match.index + whole.length;
    const foreign = other !== undefined && other !== variables.component;
    if (foreign && kind === 'lite') return text;
    text += foreign ? whole : (valueOf(variables, group, key) ?? whole);
  }
  return text + script.slice(from);
}
