import { SimClock, simLogger } from '@foyer/platform/sim';
import { expect, test } from 'vitest';
import type { MetaStore } from '../adapters/journal/meta.ts';
import type { ClockReading } from '../domain/clock-agreement.ts';
import { guardClock } from './guarded-clock.ts';

const evening = Date.UTC(2026, 10, 20, 19, 0);
const year = 365 * 86_400_000;

function setUp(wallMs: number, kept: ReadonlyMap<string, number> = new Map()) {
  const values = new Map(kept);
  const meta: MetaStore = {
    number: (name) => values.get(name) ?? null,
    put: (name, value) => void values.set(name, value),
  };
  const clock = new SimClock(wallMs);
  const jumps: number[] = [];
  let others: (() => number)[] = [];
  const guarded = guardClock({
    clock,
    meta,
    logger: simLogger(),
    readings: (): ClockReading[] => others.map((read, n) => ({ node: `n${n}`, wallMs: read() })),
    upstream: () => 'n0',
    onJump: (byMs) => jumps.push(byMs),
  });
  const hear = (...walls: number[]): void => {
    others = walls.map((wall) => {
      const offset = wall - clock.monotonicMs();
      return () => offset + clock.monotonicMs();
    });
    guarded.judge();
  };
  return { clock, guarded, values, jumps, hear };
}

test('a clock that was reset to 1970 goes on from the last agreed time, unagreed', () => {
  const first = setUp(evening);
  first.hear(evening, evening);
  first.clock.advance(60_000);
  expect(first.guarded.agreed()).toBe(true);
  const second = setUp(1000, first.values);
  expect(second.guarded.agreed()).toBe(false);
  expect(second.guarded.nowMs()).toBeGreaterThanOrEqual(evening);
  second.clock.advance(5000);
  expect(second.guarded.nowMs()).toBeGreaterThanOrEqual(evening + 5000);
});

test('it takes the time that most others show, and is agreed then', () => {
  const { guarded, hear } = setUp(1000);
  hear(evening, evening + 10);
  expect(guarded.agreed()).toBe(true);
  expect(Math.abs(guarded.nowMs() - evening)).toBeLessThan(1000);
  expect(guarded.rawMs()).toBe(1000);
});

test('a clock five years ahead that nobody agrees with poisons nothing', () => {
  const wrong = setUp(evening + 5 * year);
  wrong.clock.advance(120_000);
  expect(wrong.guarded.agreed()).toBe(false);
  const mended = setUp(evening, wrong.values);
  expect(mended.guarded.nowMs()).toBe(evening);
});

test('a clock that is set while it runs is reported and judged anew', () => {
  const { clock, guarded, jumps, hear } = setUp(evening);
  hear(evening, evening);
  clock.advance(1500);
  clock.jumpWall(2 * year);
  clock.advance(1000);
  expect(jumps).toEqual([2 * year]);
  expect(Math.abs(guarded.nowMs() - (evening + 2500))).toBeLessThan(1000);
  expect(guarded.agreed()).toBe(true);
});

test('a corrected time is a whole number, whatever fractions the readings have', () => {
  const { guarded, hear } = setUp(1000);
  hear(evening + 0.25, evening + 0.75, evening + 0.5);
  expect(Number.isInteger(guarded.nowMs())).toBe(true);
  expect(guarded.nowMs()).toBeGreaterThanOrEqual(evening);
});
