import { expect, test } from 'vitest';

import { AgentClock } from './clock.ts';

function clockAt(startMs: number, speed = 1) {
  let monotonicMs = startMs;
  const clock = new AgentClock(() => monotonicMs, 500_000, speed);
  return { clock, pass: (ms: number) => (monotonicMs += ms) };
}

test("it carries the agent's time on, and takes half of the way into account", () => {
  const { clock, pass } = clockAt(1000);
  clock.told(2_000_000, 40);
  expect(clock.now()).toBe(2_000_020);
  pass(5000);
  expect(clock.now()).toBe(2_005_020);
  expect(clock.untilMs(2_006_020)).toBe(1000);
});

test('of several answers the one that was on its way for the shortest time counts', () => {
  const { clock, pass } = clockAt(0);
  clock.told(1_000_000, 4);
  pass(1000);
  clock.told(1_000_700, 900);
  expect(clock.now()).toBe(1_001_002);
});

test('an agent whose clock was set is followed at once', () => {
  const { clock, pass } = clockAt(0);
  clock.told(1_000_000, 2);
  pass(1000);
  clock.told(9_000_000, 300);
  expect(clock.now()).toBe(9_000_150);
});

test("a preview's moment goes on at its own speed and follows nobody", () => {
  const { clock, pass } = clockAt(100, 10);
  clock.fix(70_000);
  clock.told(1_000_000, 2);
  pass(50);
  expect(clock.now()).toBe(70_500);
  expect(clock.untilMs(71_500)).toBe(100);
});
