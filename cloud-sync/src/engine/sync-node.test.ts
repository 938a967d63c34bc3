import { afterEach, expect, test } from 'vitest';

import { World } from './testing/world.ts';

let world: World | null = null;
afterEach(() => {
  world?.end();
  world = null;
});

test('tickets sold in the cloud reach theatre and gates, with equal digests', async () => {
  world = new World({ seed: 1, gates: 2 });
  await world.sell(5000);
  const at = world;
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 10_000)).toBe(true);
  await world.sell(3);
  expect(await at.clock.runUntilAsync(() => at.agrees('tickets'), 200)).toBe(true);
});

test('an admission at a gate takes effect in the cloud once, and is known there to be durable', async () => {
  world = new World({ seed: 2, gates: 2 });
  const at = world;
  await at.clock.advanceAsync(1000);
  for (let n = 0; n < 20; n += 1) at.admit(n % 2 === 0 ? 'gate-1' : 'gate-2');
  expect(await at.clock.runUntilAsync(() => at.settled(), 5000)).toBe(true);
  expect([...at.cloud.effects.values()].every((times) => times === 1)).toBe(true);
  expect(at.cloud.effects.size).toBe(20);
  expect(at.agent('gate-1').applied).toHaveLength(10);
});
