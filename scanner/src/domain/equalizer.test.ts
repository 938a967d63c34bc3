import { describe, expect, it } from 'vitest';

import { drawCode } from '../testing/code-picture.ts';
import { createQrReader, loadWasm } from '../adapters/qr-reader.ts';
import { equalize } from './equalizer.ts';
import type { Luminance } from './luminance.ts';
import { sampleGrid } from './module-grid.ts';
import { quickOptions } from './passes.ts';
import { redraw } from './redraw.ts';
import type { Corners } from './homography.ts';

const text = 'F1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const margin = 16;

// Seven pixels of movement over modules of four: neighbours run into each other.
function smear({ data, width, height }: Luminance): Luminance {
  const out = Uint8Array.from(data);
  for (let y = 0; y < height; y++) {
    for (let x = 3; x < width - 3; x++) {
      let sum = 0;
      for (let dx = -3; dx <= 3; dx++) sum += data[y * width + x + dx]!;
      out[y * width + x] = 60 + sum / 14;
    }
  }
  return { data: out, width, height };
}

const cornersOf = ({ width }: Luminance, error: number): Corners => {
  const [low, high] = [margin + error, width - margin - error];
  return [
    { x: low, y: low },
    { x: high, y: low },
    { x: high, y: high },
    { x: low, y: high },
  ];
};

describe('equalize', () => {
  it('reads a smeared code that ZXing finds and cannot read', async () => {
    const reader = await createQrReader(await loadWasm());
    const smeared = smear(await drawCode(text));
    const bare = reader.read(smeared, quickOptions);
    expect(bare.some((reading) => reading.text !== undefined)).toBe(false);
    const grid = sampleGrid(smeared, cornersOf(smeared, 1));
    expect(grid?.agreement).toBeGreaterThan(0.5);
    const redrawn = redraw(equalize(grid!, 2), grid!.layout);
    expect(reader.read(redrawn, quickOptions).map((reading) => reading.text)).toEqual([text]);
  });

  it('reads the inverted code likewise', async () => {
    const reader = await createQrReader(await loadWasm());
    const smeared = smear(await drawCode(text));
    const dark = { ...smeared, data: smeared.data.map((value) => 255 - value) };
    const grid = sampleGrid(dark, cornersOf(dark, 1));
    expect(grid?.agreement).toBeLessThan(-0.5);
    const redrawn = redraw(equalize(grid!, 2), grid!.layout);
    expect(reader.read(redrawn, quickOptions).map((reading) => reading.text)).toEqual([text]);
  });

  it('lays no grid over what is no code', () => {
    const data = Uint8Array.from({ length: 160 * 160 }, (_, index) => (index * 7919) % 251);
    const picture = { data, width: 160, height: 160 };
    expect(sampleGrid(picture, cornersOf(picture, 0))).toBeUndefined();
  });
});
