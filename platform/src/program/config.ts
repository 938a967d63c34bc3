import { existsSync, readFileSync } from 'node:fs';

import { FoyerError, isNestedDeeper, maxNesting } from '@foyer/contracts';
import { z } from 'zod';

/** Where a value came from. */
export type ConfigSource = 'default' | 'file' | 'environment' | 'component';

/** One setting by its dotted name, for `--print-config` and the log. */
export interface ConfigValue {
  name: string;
  value: unknown;
  source: ConfigSource;
}

export interface LoadedConfig<Config> {
  config: Config;
  values: ConfigValue[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Tree = { [name: string]: unknown };

const prefix = 'FOYER_';
const configVariable = 'FOYER_CONFIG';

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readTree(text: string, from: string): Tree {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FoyerError('config-invalid', `${from} is not JSON: ${detail}.`, { cause: error });
  }
  if (isTree(tree) && !isNestedDeeper(tree, maxNesting)) return tree;
  const detail = isTree(tree) ? 'nests too deeply' : 'is not a JSON object';
  throw new FoyerError('config-invalid', `${from} ${detail}.`);
}

function fileTree(setting: string | undefined): Tree {
  if (setting === undefined || setting === '') return {};
  if (setting.trimStart().startsWith('{')) return readTree(setting, configVariable);
  if (!existsSync(setting)) {
    throw new FoyerError('config-invalid', `${configVariable} names ${setting}: no such file.`);
  }
  return readTree(readFileSync(setting, 'utf8'), setting);
}

/** `mesh.certPath` -> `FOYER_MESH_CERT_PATH`. */
export function variableOf(name: string): string {
  return (
    prefix +
    name
      .replace(/([A-Z])/g, '_$1')
      .replace(/\./g, '_')
      .toUpperCase()
  );
}

/** The dotted names of the settings, from the schema itself. */
function leafNames(schema: z.ZodType, path: string): string[] {
  let inner: unknown = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.def.innerType;
  }
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, child]) =>
    leafNames(child, path === '' ? name : `${path}.${name}`),
  );
}

function lookUp(tree: unknown, name: string): unknown {
  let at = tree;
  for (const part of name.split('.')) at = isTree(at) ? at[part] : undefined;
  return at;
}

function put(tree: Tree, name: string, value: unknown): void {
  const parts = name.split('.');
  const last = parts.pop() ?? name;
  let at = tree;
  for (const part of parts) {
    const child = at[part];
    const next = isTree(child) ? child : {};
    at[part] = next;
    at = next;
  }
  at[last] = value;
}

// A variable is text; a number, a truth value, a list or an object in it is JSON.
function fromVariable(text: string): unknown {
  if (!/^(\d+|true|false|\{.*\}|\[.*\])$/s.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function refuse(error: z.ZodError, fromEnv: ReadonlySet<string>): FoyerError {
  const lines = error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : '';
    const name = [issue.path.join('.'), unknown].filter((part) => part !== '').join('.');
    const where = fromEnv.has(name) ? variableOf(name) : name;
    return `${where}: ${issue.message}`;
  });
  return new FoyerError('config-invalid', `The configuration is wrong: ${lines.join('; ')}.`);
}

/**
 * Reads the configuration: defaults < file (FOYER_CONFIG: a path or JSON text) < environment
 * (FOYER_SECTION_KEY) < component. Throws FoyerError `config-invalid`, which names every wrong
 * setting.
 *
 * @param component the configuration of a Greengrass component: texts that are empty are not set,
 * and its accessControl is the nucleus's
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
  component?: unknown,
): LoadedConfig<z.output<Schema>> {
  const settings = leafNames(schema, '');
  const file = fileTree(env[configVariable]);
  const tree = structuredClone(file);
  const fromEnv = new Set<string>();
  for (const name of settings) {
    const text = env[variableOf(name)];
    if (text === undefined) continue;
    put(tree, name, fromVariable(text));
    fromEnv.add(name);
  }
  const above = componentTree(component);
  const parsed = schema.safeParse(merge(tree, above));
  if (!parsed.success) throw refuse(parsed.error, fromEnv);
  const sourceOf = (name: string): ConfigSource => {
    if (lookUp(above, name) !== undefined) return 'component';
    if (fromEnv.has(name)) return 'environment';
    return lookUp(file, name) === undefined ? 'default' : 'file';
  };
  const values = settings
    .map((name) => ({ name, value: lookUp(parsed.data, name), source: sourceOf(name) }))
    .filter((entry) => entry.value !== undefined)
    .map((entry) => ({ ...entry, value: withoutPassword(entry.value) }));
  return { config: parsed.data, values };
}

function componentTree(component: unknown): Tree {
  if (component === undefined) return {};
  if (!isTree(component) || isNestedDeeper(component, maxNesting)) {
    throw new FoyerError('config-invalid', "The component's configuration is no JSON object.");
  }
  const { accessControl: _, ...settings } = component;
  const set = withoutUnset(settings);
  return isTree(set) ? set : {};
}

/** Without what is an empty text, and without the objects that then hold nothing. */
function withoutUnset(value: unknown): unknown {
  if (value === '' || value === null) return undefined;
  if (!isTree(value)) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, withoutUnset(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function merge(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return merged;
}

// A URL may carry a password, and values are shown.
function withoutPassword(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPassword);
  if (isTree(value)) {
    const entries = Object.entries(value).map(([name, inner]) => [name, withoutPassword(inner)]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== 'string') return value;
  return value
    .replace(/^(\w+:\/\/[^:/@\s]*):[^@/\s]*@/, '$1:***@')
    .replace(/([?&]\w*password=)[^&#\s]*/gi, '$1***');
}
