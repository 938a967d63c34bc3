import { afterEach, describe, expect, test } from 'vitest';

import { FuzzLoop } from './loop.ts';
import { regressionsOf, runAgain } from './regressions.ts';
import { describeError, type FuzzTarget, type Rig } from './target.ts';
import { targetLoaders, targetNames } from './targets/index.ts';

let rig: Rig | null = null;

afterEach(async () => {
  await rig?.close();
  rig = null;
});

async function targetOf(name: string): Promise<FuzzTarget> {
  const load = targetLoaders[name];
  if (load === undefined) throw new Error(`no target ${name}`);
  return load();
}

/** How many inputs are made of each target's examples, and for how long at most. */
const inputs = 150;
const forMs = 1200;

describe.each(targetNames)('%s', (name) => {
  test('takes what was found before, its examples and what becomes of them', async () => {
    const target = await targetOf(name);
    expect(target.name).toBe(name);
    rig = await target.open();
    expect(await runAgain(rig, regressionsOf(name))).toEqual([]);
    const crashes: string[] = [];
    const endMs = performance.now() + forMs;
    const loop = new FuzzLoop({
      target,
      seed: 1,
      known: [],
      coverage: null,
      guided: false,
      goesOn: (counts) => counts.inputs < inputs && performance.now() < endMs,
      events: {
        batch: () => Promise.resolve(),
        crash: (input, error) => {
          crashes.push(`${Buffer.from(input).toString('base64')}\n${describeError(error)}`);
        },
        slow: () => {},
        kept: () => {},
        progress: () => {},
      },
    });
    const { inputs: taken } = await loop.run();
    expect(crashes).toEqual([]);
    expect(taken).toBeGreaterThan(0);
  });
});

test('every kept input is of a target that there is', () => {
  for (const { target } of regressionsOf()) expect(targetNames).toContain(target);
});

test('a parser with an old fault does not pass the kept inputs', async () => {
  const walk = (value: unknown): number =>
    Array.isArray(value) ? 1 + Math.max(0, ...value.map(walk)) : 0;
  const old: Rig = {
    run(input) {
      const json = Buffer.from(input).subarray(6).toString('utf8');
      walk((JSON.parse(json) as { value: unknown }).value);
    },
    close: () => {},
  };
  const failures = await runAgain(old, regressionsOf('frame'));
  expect(failures).toEqual([expect.stringContaining('RangeError')]);
});
