import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { runProgram } from '../program.ts';

let said: string[];

beforeEach(() => {
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  [['--fault', 'moon@1s..2s'], /no "moon" to break.*Name one of wan, theatre/s],
  [['--fault', 'wan@1s'], /"wan@1s" is not a fault.*Write NAME@START\.\.END/s],
  [['--for', '60'], /"60" is not a duration.*60s/s],
  [['--gates', '13'], /--gates is "13".*from 1 to 12/s],
  [['--for', '10s', '--fault', 'wan@20s..30s'], /after the run has ended.*longer --for/s],
])('foyer up %j is refused with the next step, and nothing is started', async (args, words) => {
  expect(await runProgram(['up', ...args])).toBe(1);
  expect(said.join('')).toMatch(words);
});
