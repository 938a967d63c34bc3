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
  [['up', '--fault', 'moon@1s..2s'], /no "moon" to break.*Name one of wan, theatre/s],
  [['up', '--fault', 'wan@1s'], /"wan@1s" is not a fault.*Write NAME@START\.\.END/s],
  [['up', '--for', '60'], /"60" is not a duration.*60s/s],
  [['up', '--gates', '13'], /--gates is "13".*from 1 to 12/s],
  [['up', '--for', '10s', '--fault', 'wan@20s..30s'], /after the run has ended.*longer --for/s],
  [['schedule', '--screen', 'attic-1'], /no screen "attic-1".*Give one of lobby-1/s],
  [
    ['schedule', '--screen', 'lobby-1', '--at', 'noon'],
    /--at is "noon".*2026-11-21T18:00:00-06:00/s,
  ],
  [['schedule', '--screen', 'lobby-1', '--at', '2026-02-30'], /--at is "2026-02-30"/],
  [['schedule', '--screen', 'lobby-1', '--for', '0s'], /--for is "0s".*at most 32 days/s],
  [['schedule', '--list', '--agent', 'http://127.0.0.1:1'], /No agent answers at http:/],
  [['torture', '--only', 'moon'], /no phase "moon".*Name one of calm, kills/s],
  [['torture', '--minutes', '0'], /--minutes: .*foyer torture --help/s],
  [['torture', '--gates', '2'], /--gates: /],
])('foyer %j is refused with the next step, and nothing is started', async (args, words) => {
  expect(await runProgram(args)).toBe(1);
  expect(said.join('')).toMatch(words);
});
