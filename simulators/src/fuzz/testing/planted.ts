import { FoyerError } from '@foyer/contracts';

import { bytesShape } from '../shapes/bytes.ts';
import type { FuzzTarget } from '../target.ts';

const textOf = (input: Uint8Array): string => Buffer.from(input).toString('latin1');

/** A parser that refuses everything properly, except what `act` does with some of it. */
function planted(name: string, seed: string, act: (text: string) => void): FuzzTarget {
  return {
    name,
    takes: 'a text',
    shape: bytesShape,
    seeds: () => [Buffer.from(seed)],
    open: () =>
      Promise.resolve({
        run(input) {
          act(textOf(input));
          throw new FoyerError('unparsable', 'It is no such text.');
        },
        close: () => {},
      }),
    maxRssBytes: 200 * 1_048_576,
  };
}

const hoard: Buffer[] = [];

/**
 * Finds the word only who follows coverage: each letter is a block of code of its own, and all four
 * by chance are one in 2^32.
 */
function maze(text: string): void {
  if (!text.startsWith('g')) return;
  if (text[1] !== 'r') return;
  if (text[2] !== 'e') return;
  if (text[3] !== 'e') return;
  throw new TypeError('The maze has an end.');
}

/** Parsers with a known fault each: what finds nothing in them finds nothing anywhere. */
export const plantedLoaders: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  throws: () =>
    Promise.resolve(
      planted('throws', 'harmless {', (text) => {
        if (text.includes('{{')) throw new TypeError('Cannot read properties of undefined');
      }),
    ),
  hangs: () =>
    Promise.resolve(
      planted('hangs', 'harmless {', (text) => {
        while (text.includes('{{')) text.at(0);
      }),
    ),
  dies: () =>
    Promise.resolve(
      planted('dies', 'harmless {', (text) => {
        if (text.includes('{{')) process.abort();
      }),
    ),
  rejects: () =>
    Promise.resolve(
      planted('rejects', 'harmless {', (text) => {
        if (text.includes('{{')) void Promise.reject(new TypeError('Nobody waits for this'));
      }),
    ),
  hoards: () =>
    Promise.resolve(
      planted('hoards', 'harmless {', (text) => {
        if (text.includes('{{')) hoard.push(Buffer.alloc(220 * 1_048_576, 1));
      }),
    ),
  maze: () => Promise.resolve(planted('maze', 'a', maze)),
  sound: () => Promise.resolve(planted('sound', 'harmless {', () => {})),
};
