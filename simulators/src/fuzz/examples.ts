import { readFileSync } from 'node:fs';

import { messageSchema, type Message } from '@foyer/contracts';
import { assetFile } from '@foyer/platform/home';
import { z } from 'zod';

const fixtureSchema = z.record(z.string(), z.looseObject({ valid: z.array(z.json()) }));

type Json = z.infer<ReturnType<typeof z.json>>;

/** The valid examples of one of the contracts' fixture files, by name. */
export function fixture(name: 'bodies' | 'events' | 'messages' | 'rows'): Map<string, Json[]> {
  const file = assetFile(`contracts/fixtures/${name}.json`);
  const parsed = fixtureSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return new Map(Object.entries(parsed).map(([key, { valid }]) => [key, valid]));
}

/** Every key and every text in JSON values: the words of a format. */
export function wordsOf(values: readonly Json[]): string[] {
  const words = new Set<string>();
  const visit = (value: Json): void => {
    if (typeof value === 'string') words.add(value);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (!Array.isArray(value)) words.add(key);
      visit(child);
    }
  };
  for (const value of values) visit(value);
  return [...words].filter((word) => word.length <= 64);
}

/** Valid messages of every kind. */
export function messageExamples(): { all: Message[]; words: string[] } {
  const values = [...fixture('messages').values()].flat();
  return { all: values.map((value) => messageSchema.parse(value)), words: wordsOf(values) };
}

/** A value as the bytes of its JSON text. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
