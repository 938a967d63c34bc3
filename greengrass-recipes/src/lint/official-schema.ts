import { readFileSync } from 'node:fs';

import { FoyerError } from '@foyer/contracts';
import { Ajv } from 'ajv';
import { z } from 'zod';

import { jsonPath, type Problem } from './finding.ts';

const schemaSchema = z.record(z.string(), z.unknown());

/** Checks a recipe against AWS's own JSON schema. */
export type OfficialCheck = (recipe: unknown) => Problem[];

const letters = /\\.|[a-zA-Z]/g;

/** `(?i)^(ALL)$`, as Python writes it, becomes `^([aA][lL][lL])$`. */
function withoutInlineFlag(pattern: string): string {
  if (!pattern.startsWith('(?i)')) return pattern;
  return pattern
    .slice('(?i)'.length)
    .replaceAll(letters, (found) =>
      found.startsWith('\\') ? found : `[${found.toLowerCase()}${found.toUpperCase()}]`,
    );
}

function translate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(translate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'pattern' && typeof inner === 'string' ? withoutInlineFlag(inner) : translate(inner),
    ]),
  );
}

/** The schema is written for keys in lower case. */
function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerKeys(inner)]),
  );
}

const pathOf = (pointer: string): string =>
  jsonPath(
    pointer
      .split('/')
      .slice(1)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/'))),
  );

/**
 * Reads AWS's recipe schema, the one that its Greengrass Development Kit applies. Throws FoyerError
 * `config-invalid` for a file that is no JSON schema.
 */
export function readOfficialSchema(path: string): OfficialCheck {
  try {
    const schema = schemaSchema.parse(translate(JSON.parse(readFileSync(path, 'utf8'))));
    // Its patterns are not valid under the u flag, and it has keywords that no draft knows.
    const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true, logger: false });
    const validate = ajv.compile(schema);
    return (recipe) => {
      if (validate(lowerKeys(recipe))) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => ({
        path: pathOf(instancePath),
        problem: `AWS's schema says: ${message ?? 'invalid'} (keys in lower case).`,
        whatToDo: 'See the component recipe reference of AWS IoT Greengrass, format 2020-01-25.',
      }));
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FoyerError('config-invalid', `${path} is not a JSON schema: ${detail}.`, {
      cause: error,
      whatToDo: "Name the recipe schema of AWS's Greengrass Development Kit.",
    });
  }
}
