import { z } from 'zod';
import { feedTables } from '../feed/rows.ts';
import { templateMessageSchema } from '../signage/board-data.ts';
import { protocolVersion } from '../protocol-version.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { errorsPage } from './errors-page.ts';
import { canonicalJson } from '../json.ts';
import { namedSchemas, schemaOrRef } from './json-schemas.ts';
import { httpApis, openApiDocument } from './openapi.ts';

function page(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Every generated document: its path from the repository's root, and its text. */
export function documents(): Record<string, string> {
  return {
    'docs/asyncapi.json': page(asyncApiDocument()),
    ...Object.fromEntries(
      httpApis.map((api) => [`docs/openapi-${api.name}.json`, page(openApiDocument(api))]),
    ),
    'docs/template-message.schema.json': page(
      z.toJSONSchema(templateMessageSchema, { unrepresentable: 'any' }),
    ),
    'docs/errors.md': errorsPage(),
  };
}

/** Each shape that crosses a boundary, as the canonical text that its pin is the hash of. */
export function shapes(): Record<string, string> {
  const named = Object.entries(namedSchemas('draft-2020-12')).map(
    ([name, schema]) => [name, canonicalJson(schema)] as const,
  );
  const tables = Object.entries(feedTables).map(([table, { schema, ...rest }]) => {
    // The order of columns is part of a row's encoding, so that it is pinned, too.
    const row = { ...rest, columns: Object.keys(schema.shape) };
    return [`table ${table}`, canonicalJson({ ...row, schema: schemaOrRef(schema, 'draft-07') })];
  });
  return Object.fromEntries([...named, ...tables]) as Record<string, string>;
}

export interface Pins {
  protocolVersion: number;
  hashes: Record<string, string>;
}

export interface PinComparison {
  /** Shapes that differ from their pin: the pin must be renewed on purpose. */
  changed: string[];
  added: string[];
  removed: string[];
}

/** How the shapes of now differ from the pinned ones. */
export function comparePins(pins: Pins, hashOf: (text: string) => string): PinComparison {
  const now = shapes();
  const names = Object.keys(now);
  const pinned = Object.keys(pins.hashes);
  return {
    changed: names.filter(
      (name) => name in pins.hashes && pins.hashes[name] !== hashOf(now[name] ?? ''),
    ),
    added: names.filter((name) => !(name in pins.hashes)),
    removed: pinned.filter((name) => !(name in now)),
  };
}

/** The pins of now. */
export function makePins(hashOf: (text: string) => string): Pins {
  const hashes = Object.entries(shapes()).map(([name, text]) => [name, hashOf(text)]);
  return { protocolVersion, hashes: Object.fromEntries(hashes) as Record<string, string> };
}
