import { z } from 'zod';

/** Any JSON value. */
export const jsonValueSchema = z.json();

/**
 * JSON with sorted keys: the same shape gives the same text, whatever the order it is written in.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(
          Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : each,
  );
}
