import { z } from 'zod';

import * as contracts from '../index.ts';

export type JsonObject = Record<string, unknown>;
export type SchemaTarget = 'draft-07' | 'draft-2020-12';

/** Where the named shapes lie in the documents. */
const refPrefix = '#/components/schemas/';

function shapeName(exportName: string): string {
  const base = exportName.replace(/Schema$/, '');
  return base.charAt(0).toUpperCase() + base.slice(1);
}

/** Of several names of one shape, a row's comes first: the others are made from it. */
function byPreference(one: string, other: string): number {
  const [oneIsRow, otherIsRow] = [one, other].map((name) => name.endsWith('RowSchema'));
  if (oneIsRow !== otherIsRow) return oneIsRow === true ? -1 : 1;
  return one < other ? -1 : 1;
}

/** Every exported schema with its name: `hintSchema` is `Hint`. */
function findShapes(): Map<z.ZodType, string> {
  const found = new Map<z.ZodType, string>();
  const exported = Object.entries(contracts).toSorted(([one], [other]) => byPreference(one, other));
  for (const [name, value] of exported) {
    if (!name.endsWith('Schema') || !(value instanceof z.ZodType)) continue;
    if (!found.has(value)) found.set(value, shapeName(name));
  }
  return found;
}

const shapes = findShapes();

/** JSON Schemas of the named shapes, and of one more, in which those become references. */
function convert(target: SchemaTarget, inline?: z.ZodType): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of shapes) registry.add(schema, { id });
  if (inline !== undefined) registry.add(inline, { id: 'Inline' });
  const uri = (id: string): string => refPrefix + id;
  const settings = { target, io: 'input', unrepresentable: 'any', uri } as const;
  return z.toJSONSchema(registry, { ...settings, metadata: registry }).schemas;
}

function without(schema: object): JsonObject {
  const { $schema: _schema, $id: _id, id: _named, ...rest } = schema as JsonObject;
  return rest;
}

/** The named shapes as JSON Schema, sorted by name; they refer to each other by their names. */
export function namedSchemas(target: SchemaTarget): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(convert(target))
      .map(([name, schema]) => [name, without(schema)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** The name under which a schema is exported, or null. */
export function nameOf(schema: z.ZodType): string | null {
  return shapes.get(schema) ?? null;
}

/** A reference to a named shape, or an inline schema whose named parts are references. */
export function schemaOrRef(schema: z.ZodType, target: SchemaTarget): JsonObject {
  const name = nameOf(schema);
  if (name !== null) return { $ref: refPrefix + name };
  return without(convert(target, schema).Inline ?? {});
}

/** The names of all shapes that a document part refers to, directly or through others. */
export function reachableNames(part: unknown, all: Record<string, JsonObject>): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key !== '$ref' || typeof each !== 'string') visit(each);
      else if (each.startsWith(refPrefix)) {
        const name = each.slice(refPrefix.length);
        if (found.has(name)) continue;
        found.add(name);
        visit(all[name]);
      }
    }
  };
  visit(part);
  return [...found].toSorted();
}
