import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { z } from 'zod';

import type { Figures } from './page.ts';

const figuresSchema = z.object({
  ranOn: z.string(),
  figures: z.array(z.object({ command: z.string(), result: z.record(z.string(), z.unknown()) })),
});

/** Where the figures of the last run are kept. */
export const figuresFile = (): string => join(homeDir(), 'docs', 'guarantees.json');
export const pageFile = (): string => join(homeDir(), 'docs', 'guarantees.md');

export function readFigures(): Figures {
  return figuresSchema.parse(JSON.parse(readFileSync(figuresFile(), 'utf8')));
}
