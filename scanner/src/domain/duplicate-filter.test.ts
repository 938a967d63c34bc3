import { describe, expect, it } from 'vitest';

import { DuplicateFilter } from './duplicate-filter.ts';

describe('DuplicateFilter', () => {
  const limits = { windowMs: 4_000, maxTexts: 3 };

  it('makes one scan of a phone that stays before the camera for longer than the window', () => {
    const filter = new DuplicateFilter(limits);
    const sights = Array.from({ length: 100 }, (_, index) => filter.isNew('a', index * 100));
    expect(sights.filter(Boolean)).toHaveLength(1);
  });

  it('takes a text that was out of sight for the window as a new scan', () => {
    const filter = new DuplicateFilter(limits);
    expect(filter.isNew('a', 0)).toBe(true);
    expect(filter.isNew('a', 3_999)).toBe(false);
    expect(filter.isNew('a', 7_999)).toBe(true);
  });

  it('tells texts apart', () => {
    const filter = new DuplicateFilter(limits);
    expect([filter.isNew('a', 0), filter.isNew('a ', 0)]).toEqual([true, true]);
  });

  it('remembers a bounded number of texts and forgets the one unseen for longest', () => {
    const filter = new DuplicateFilter(limits);
    for (const [index, text] of ['a', 'b', 'c', 'a', 'd'].entries()) filter.isNew(text, index);
    expect(filter.size).toBe(3);
    expect(filter.isNew('a', 10)).toBe(false);
    expect(filter.isNew('b', 10)).toBe(true);
  });

  it('takes a text that could not be delivered as new at its next sight', () => {
    const filter = new DuplicateFilter(limits);
    filter.isNew('a', 0);
    filter.forget('a');
    expect(filter.isNew('a', 1)).toBe(true);
  });
});
