import { SimClock } from '@foyer/platform/sim';
import { beforeEach, expect, test } from 'vitest';
import { Rounds } from './rounds.ts';

let clock: SimClock;
let quiet: boolean;
let rounds: Rounds;
/** When the work was done. */
let doneMs: number[];

beforeEach(() => {
  clock = new SimClock();
  quiet = false;
  doneMs = [];
  rounds = new Rounds({
    clock,
    name: 'rounds',
    everyMs: 1000,
    quietEveryMs: 10_000,
    isQuiet: () => quiet,
    work: () => doneMs.push(clock.monotonicMs()),
  });
  rounds.start();
});

test('rounds are made every second, and every ten in quiet', () => {
  clock.advance(3000);
  quiet = true;
  clock.advance(20_000);
  expect(doneMs).toEqual([1000, 2000, 3000, 4000, 14_000]);
});

test('what the quiet put off is done at once, and then as often as before', () => {
  quiet = true;
  clock.advance(5000);
  quiet = false;
  rounds.catchUp();
  clock.advance(1000);
  expect(doneMs).toEqual([1000, 5000, 6000]);
});

test('what was done a moment ago is not done again, and not put off either', () => {
  quiet = true;
  clock.advance(1400);
  quiet = false;
  rounds.catchUp();
  rounds.catchUp();
  clock.advance(600);
  expect(doneMs).toEqual([1000, 2000]);
});

test('closed rounds stay closed', () => {
  rounds.close();
  rounds.catchUp();
  clock.advance(5000);
  expect(doneMs).toEqual([]);
});
