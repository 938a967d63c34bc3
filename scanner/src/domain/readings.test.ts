import { describe, expect, it } from 'vitest';

import { orderTexts } from './readings.ts';
import type { Reading } from './readings.ts';

const at = (text: string | undefined, x: number, y: number): Reading => {
  const corner = { x, y };
  return { text, corners: [corner, corner, corner, corner] };
};

describe('orderTexts', () => {
  it('orders texts by rows, then from left to right', () => {
    const readings = [at('c', 10, 300), at('b', 400, 15), at('a', 20, 20)];
    expect(orderTexts(readings)).toEqual(['a', 'b', 'c']);
  });

  it('says a text once, keeps its spaces, and leaves out what was not read', () => {
    const readings = [at('a ', 0, 0), at('a ', 1, 1), at(undefined, 2, 2), at('', 3, 3)];
    expect(orderTexts(readings)).toEqual(['a ']);
  });
});
