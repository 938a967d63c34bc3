import { describe, expect, it } from 'vitest';

import { budgetMs, nextPass } from './passes.ts';
import type { Effort, Progress } from './passes.ts';

const start: Progress = {
  effort: 'live',
  made: 0,
  elapsedMs: 0,
  texts: 0,
  found: false,
  turn: 0,
};

// All passes over a picture in which nothing is read; each takes `passMs`.
function namesOf(effort: Effort, turn: number, found: boolean, passMs = 1): string[] {
  const names: string[] = [];
  for (;;) {
    const progress = { ...start, effort, turn, found };
    const pass = nextPass({ ...progress, made: names.length, elapsedMs: names.length * passMs });
    if (pass === undefined) return names;
    names.push(pass.name);
  }
}

describe('nextPass', () => {
  it('ends with the first text when one is enough', () => {
    expect(nextPass({ ...start, made: 1, texts: 1 })).toBeUndefined();
    expect(nextPass({ ...start, effort: 'single', made: 1, texts: 1 })).toBeUndefined();
  });

  it("goes on to ZXing's full pass when every code in the picture is wanted", () => {
    const wanted = { ...start, effort: 'thorough', texts: 1 } as const;
    expect(nextPass({ ...wanted, made: 2 })?.name).toBe('full');
    expect(nextPass({ ...wanted, made: 3 })).toBeUndefined();
  });

  it('begins no further pass once the budget is spent, but always makes the two quick ones', () => {
    for (const effort of ['live', 'single', 'thorough'] as const) {
      expect(namesOf(effort, 0, true, budgetMs[effort])).toEqual(['histogram', 'quick']);
    }
  });

  it('makes a slow pass over few of the frames in which nothing was found', () => {
    const slow = Array.from({ length: 30 }, (_, turn) => namesOf('live', turn, false).length > 4);
    expect(slow.filter(Boolean)).toHaveLength(10);
  });

  it('gives every slow pass its turn while a code is found and not read', () => {
    const last = Array.from({ length: 4 }, (_, turn) => namesOf('live', turn, true).at(-1));
    expect(new Set(last).size).toBe(4);
  });
});
