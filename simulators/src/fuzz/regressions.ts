import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

import { assetFile } from '@foyer/platform/home';
import { z } from 'zod';

import { isAnswer, signatureOf, type Rig } from './target.ts';

/** Inputs that the product once did not take as it must; base64 of the brotli-compressed bytes. */
const fileSchema = z.array(
  z.strictObject({ target: z.string(), why: z.string(), brotli: z.base64() }),
);

export interface Regression {
  target: string;
  /** What went wrong once. */
  why: string;
  input: Uint8Array;
}

let kept: Regression[] | undefined;

/** Every input that was once found, of one target or of all. */
export function regressionsOf(target?: string): Regression[] {
  if (kept === undefined) {
    const text = readFileSync(assetFile('simulators/src/fuzz/regressions.json'), 'utf8');
    kept = fileSchema.parse(JSON.parse(text)).map(({ brotli, ...entry }) => {
      return { ...entry, input: brotliDecompressSync(Buffer.from(brotli, 'base64')) };
    });
  }
  return kept.filter((entry) => target === undefined || entry.target === target);
}

/** Runs inputs in a rig. @returns what went wrong again, a line each. */
export async function runAgain(rig: Rig, regressions: readonly Regression[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { input, why } of regressions) {
    try {
      await rig.run(input);
    } catch (error) {
      if (!isAnswer(error)) failures.push(`${why} (${signatureOf(error)})`);
    }
  }
  return failures;
}
