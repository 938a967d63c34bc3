import { afterEach, describe, expect, test } from 'vitest';

import { World, type WorldOptions } from './testing/world.ts';

let world: World | null = null;
afterEach(() => {
  world?.end();
  world = null;
});

function begin(options: WorldOptions): World {
  world?.end();
  world = new World(options);
  return world;
}

/** Admissions that took effect in the cloud: those that were made, and nothing else. */
function ledgerEffects(at: World): number {
  return [...at.appended].filter((id) => at.cloud.effects.has(id)).length;
}

describe('a disk that was set back', () => {
  test('restored: a new incarnation, no number twice, nothing lost or doubled', async () => {
    const at = begin({ seed: 10, gates: 2 });
    for (let n = 0; n < 5; n += 1) at.admit('gate-1');
    await at.clock.runUntilAsync(() => at.settled(), 10_000);
    const backup = at.agent('gate-1').disk.clone();
    for (let n = 0; n < 5; n += 1) at.admit('gate-1');
    await at.clock.runUntilAsync(() => at.settled(), 10_000);
    const old = at.agent('gate-1').node.events.incarnation();
    at.kill('gate-1');
    at.agent('gate-1').disk.restore(backup);
    at.start('gate-1', 'gate');
    for (let n = 0; n < 7; n += 1) at.admit('gate-1');
    expect(await at.clock.runUntilAsync(() => at.settled(), 60_000)).toBe(true);
    backup.destroy();
    expect(at.agent('gate-1').node.events.incarnation()).not.toBe(old);
    expect(ledgerEffects(at)).toBe(17);
    expect(at.logger.of('chain-forked').length).toBeGreaterThan(0);
    // What it admitted after the backup comes back to it from its peers.
    const back = (): boolean => at.agent('gate-1').applied.length >= 5;
    expect(await at.clock.runUntilAsync(back, 20_000)).toBe(true);
    for (const { applied } of at.agents.values()) {
      expect(new Set(applied).size).toBe(applied.length);
    }
  });

  test.each([2, 3])(
    'two chains of a node that is gone for good: everybody has both, and the cloud (%i events)',
    async (events) => {
      const at = begin({ seed: 15, gates: 2 });
      for (let n = 0; n < 3; n += 1) at.admit('gate-1');
      await at.clock.runUntilAsync(() => at.settled(), 10_000);
      const backup = at.agent('gate-1').disk.clone();
      at.lan.setCut('theatre', 'gate-1', true);
      at.lan.setCut('theatre', 'gate-2', true);
      for (let n = 0; n < 3; n += 1) at.admit('gate-1');
      const heard = (name: string, count: number) => () => at.agent(name).applied.length === count;
      expect(await at.clock.runUntilAsync(heard('gate-2', 6), 5000)).toBe(true);
      at.kill('gate-1');
      at.agent('gate-1').disk.restore(backup);
      backup.destroy();
      at.lan.setCut('gate-1', 'gate-2', true);
      at.lan.setCut('theatre', 'gate-1', false);
      at.start('gate-1', 'gate');
      for (let n = 0; n < events; n += 1) at.admit('gate-1');
      expect(await at.clock.runUntilAsync(heard('theatre', 3 + events), 5000)).toBe(true);
      at.kill('gate-1');
      at.agents.delete('gate-1');
      await at.clock.advanceAsync(5000);
      at.lan.setCut('theatre', 'gate-2', false);
      const all = (): boolean =>
        [...at.agents.values()].every((one) => one.applied.length === 6 + events);
      expect(await at.clock.runUntilAsync(() => all() && at.settled(), 30_000)).toBe(true);
      expect(ledgerEffects(at)).toBe(6 + events);
    },
  );
});

describe('a disk or a name that is another', () => {
  test('replaced: the node learns its own admissions from its peers', async () => {
    const at = begin({ seed: 11, gates: 2 });
    for (let n = 0; n < 6; n += 1) at.admit('gate-1');
    await at.clock.runUntilAsync(() => at.settled(), 10_000);
    at.kill('gate-1');
    at.agent('gate-1').disk.replace();
    const fresh = at.start('gate-1', 'gate');
    expect(await at.clock.runUntilAsync(() => fresh.applied.length === 6, 20_000)).toBe(true);
  });

  test('renamed: admissions of the former name arrive, and nothing waits for ever', async () => {
    const at = begin({ seed: 16, gates: 2 });
    await at.clock.advanceAsync(1000);
    at.lan.setCut('theatre', 'gate-1', true);
    at.lan.setCut('gate-2', 'gate-1', true);
    at.admit('gate-1');
    const { events } = at.agent('gate-1').node;
    events.append({ kind: 'alarm', code: 'dead-letter', detail: '', gate: 'gate-1', atMs: 0 });
    const { disk } = at.agent('gate-1');
    at.kill('gate-1');
    at.agents.delete('gate-1');
    at.agents.set('gate-1b', { ...at.agent('gate-2'), disk });
    const renamed = at.start('gate-1b', 'gate');
    expect(await at.clock.runUntilAsync(() => at.settled(), 20_000)).toBe(true);
    expect(ledgerEffects(at)).toBe(1);
    expect(renamed.node.events.lanes().filter(({ lane }) => lane === 'telemetry')).toEqual([]);
  });
});
