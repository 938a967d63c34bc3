import fc from 'fast-check';
import { expect, test } from 'vitest';

import { contrast, paletteOf, parseHex } from './colour.ts';

test('black on white is 21 to 1, and the order does not matter', () => {
  expect(contrast(parseHex('#000000'), parseHex('#ffffff'))).toBeCloseTo(21);
  expect(contrast(parseHex('#ffffff'), parseHex('#000000'))).toBeCloseTo(21);
});

test('whatever two colours a house has, its boards can be read', () => {
  const colour = fc
    .integer({ min: 0, max: 0xff_ff_ff })
    .map((value) => `#${value.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(colour, colour, (ground, accent) => {
      const palette = paletteOf({ ground, accent });
      expect(contrast(palette.ink, palette.ground)).toBeGreaterThanOrEqual(7);
      expect(contrast(palette.ink, palette.raised)).toBeGreaterThanOrEqual(7);
      expect(contrast(palette.soft, palette.raised)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.accent, palette.raised)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.onAccent, palette.accent)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 300 },
  );
});
