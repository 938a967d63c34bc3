import { FoyerError } from '@foyer/contracts';
import { SimClock, simLogger } from '@foyer/platform/sim';
import { expect, test } from 'vitest';
import { sturdyClock } from './sturdy-clock.ts';

function setUp() {
  const clock = new SimClock();
  const damage: string[] = [];
  return { clock, damage, sturdy: sturdyClock(clock, simLogger(), () => damage.push('told')) };
}

test('work that met a full disk is done again until it succeeds', () => {
  const { clock, sturdy } = setUp();
  let tries = 0;
  sturdy.setTimer('work', 10, () => {
    tries += 1;
    if (tries < 3) throw new FoyerError('disk-full', 'The disk is full.');
  });
  clock.advance(10_000);
  expect(tries).toBe(3);
});

test('cancelling ends also the trying again', () => {
  const { clock, sturdy } = setUp();
  let tries = 0;
  const timer = sturdy.setTimer('work', 10, () => {
    tries += 1;
    throw new FoyerError('disk-full', 'The disk is full.');
  });
  clock.advance(20);
  timer.cancel();
  clock.advance(10_000);
  expect(tries).toBe(1);
});

test('a damaged database is told, a defect is thrown', () => {
  const { clock, damage, sturdy } = setUp();
  sturdy.setTimer('work', 1, () => {
    throw new FoyerError('database-corrupt', 'The database is damaged.');
  });
  clock.advance(5);
  expect(damage).toEqual(['told']);
  sturdy.setTimer('work', 1, () => {
    throw new TypeError('no such thing');
  });
  expect(() => clock.advance(5)).toThrow(TypeError);
});
