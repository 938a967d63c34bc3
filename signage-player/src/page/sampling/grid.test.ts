import { expect, test } from 'vitest';

import { gridOf, hasChanged, isUniform, parseThumbprint, sameGrid } from './grid.ts';

const rgba = (paint: (x: number, y: number) => number): Uint8ClampedArray => {
  const bytes = new Uint8ClampedArray(160 * 90 * 4);
  for (let y = 0; y < 90; y += 1) {
    for (let x = 0; x < 160; x += 1)
      bytes.fill(paint(x, y), (y * 160 + x) * 4, (y * 160 + x) * 4 + 3);
  }
  return bytes;
};
const slope = gridOf(rgba((x) => x));

test('a cell is the mean luminance of its hundred pixels, row by row', () => {
  expect(slope.slice(0, 3)).toEqual([5, 15, 25]);
  expect(slope[16]).toBe(5);
  expect(slope).toHaveLength(144);
});

test('a picture matches its own thumbprint, also when it was scaled and compressed', () => {
  const hex = slope.map((cell) => cell.toString(16).padStart(2, '0')).join('');
  expect(sameGrid(slope, parseThumbprint(hex))).toBe(true);
  expect(
    sameGrid(
      slope.map((cell) => cell + 6),
      parseThumbprint(hex),
    ),
  ).toBe(true);
});

test('another picture, a mirrored one, a black one and one with a piece missing do not', () => {
  expect(sameGrid(gridOf(rgba((x) => 159 - x)), slope)).toBe(false);
  expect(sameGrid(gridOf(rgba(() => 0)), slope)).toBe(false);
  const torn = slope.map((cell, index) => (index >= 96 ? 0 : cell));
  expect(sameGrid(torn, slope)).toBe(false);
});

test('one colour from edge to edge is told from a picture', () => {
  expect(isUniform(gridOf(rgba(() => 40)))).toBe(true);
  expect(isUniform(slope)).toBe(false);
  expect(hasChanged(null, slope)).toBe(true);
  expect(hasChanged(slope, slope)).toBe(false);
});
