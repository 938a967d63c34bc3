import { readFile, writeFile } from 'node:fs/promises';

import { assetFile } from '@foyer/platform/home';
import { z } from 'zod';

/** The seed that caught each mutant the last time, by the mutant's name. */
const hintsSchema = z.record(z.string(), z.int().min(1));
export type Hints = z.infer<typeof hintsSchema>;

const hintsFile = (): string => assetFile('simulators/src/mutants/caught.json');

/** What is kept beside the sources. A hint saves time only: every mutant has the same seeds. */
export async function readHints(): Promise<Hints> {
  return hintsSchema.parse(JSON.parse(await readFile(hintsFile(), 'utf8')));
}

/** Keeps what a run showed, beside what is known of other mutants. */
export async function rememberCaught(
  results: readonly { name: string; caughtAtSeed: number | null }[],
): Promise<void> {
  const hints = new Map(Object.entries(await readHints()));
  for (const { name, caughtAtSeed } of results) {
    if (caughtAtSeed === null) hints.delete(name);
    else hints.set(name, caughtAtSeed);
  }
  const sorted = [...hints].toSorted(([one], [other]) => (one < other ? -1 : 1));
  await writeFile(hintsFile(), `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
