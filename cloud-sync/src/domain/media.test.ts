import type { Media, Screen } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { fileKindOf, renditionPlan, renditionSizes, thumbprintOf } from './media.ts';

const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });
const text = (value: string) => new TextEncoder().encode(value);

test('a rendition covers its screen in the proportions of the image, and is never larger', () => {
  const image = size(4000, 3000);
  expect(renditionSizes(image, [size(1920, 1080)])).toEqual([size(1920, 1440)]);
  expect(renditionSizes(image, [size(1080, 1920)])).toEqual([size(2560, 1920)]);
  expect(renditionSizes(image, [size(4000, 3000), size(3840, 2160), size(8192, 8192)])).toEqual([]);
  expect(renditionSizes(size(600, 400), [size(1920, 1080)])).toEqual([]);
});

test('screens of one size share one; of too many sizes those that most screens have remain', () => {
  const image = size(8000, 8000);
  const eight = Array.from({ length: 8 }, (_, at) => size(500 + at * 100, 300));
  const common = [size(500, 300), size(1200, 300)];
  const sizes = renditionSizes(image, [...eight, ...common]);
  expect(sizes.length).toBe(6);
  expect(sizes[0]).toEqual(size(500, 500));
  expect(sizes.at(-1)).toEqual(size(1200, 1200));
});

test('a plan keeps what fits, makes what lacks, and says when nothing is to be done', () => {
  const screen = (widthPx: number, heightPx: number) => ({ widthPx, heightPx }) as Screen;
  const made = { sha256: 'a'.repeat(64), mime: 'image/webp', sizeBytes: 1, ...size(960, 540) };
  const media = { ...size(1920, 1080), renditions: [made] } as unknown as Media;
  expect(renditionPlan(media, [screen(960, 540)])).toEqual({ kept: [made], make: [], same: true });
  const other = renditionPlan(media, [screen(640, 360)]);
  expect(other).toEqual({ kept: [], make: [size(640, 360)], same: false });
});

test('what a file is comes from its bytes', () => {
  const kinds = [
    '\u0000\u0000\u0000\u0020ftypisom',
    'RIFF\u0001\u0002\u0003\u0004WEBPVP8 ',
    'RIFF\u0001\u0002\u0003\u0004WAVEfmt ',
    '\n<!-- a chain -->\n<!DOCTYPE html><title>x</title>',
    '<html lang="en">',
    '<p>no page</p>',
    '#EXTM3U\nhttp://elsewhere.example/',
    '',
  ].map((value) => fileKindOf(text(value))?.mime ?? null);
  expect(kinds).toEqual([
    'video/mp4',
    'image/webp',
    null,
    'text/html',
    'text/html',
    null,
    null,
    null,
  ]);
  expect(fileKindOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))?.mime).toBe('image/jpeg');
  expect(fileKindOf(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3))?.mime).toBe('video/webm');
});

test('a cell is the mean luma of its own pixels', () => {
  const rgb = new Uint8Array(160 * 90 * 3);
  // The last cell is green, the first one white.
  for (let y = 80; y < 90; y += 1) {
    for (let x = 150; x < 160; x += 1) rgb[(y * 160 + x) * 3 + 1] = 255;
  }
  for (let y = 0; y < 10; y += 1) rgb.fill(255, y * 480, y * 480 + 30);
  const print = thumbprintOf(rgb);
  expect(print.length).toBe(288);
  expect(print.slice(0, 4)).toBe('ff00');
  expect(print.slice(-4)).toBe(`00${Math.round(0.7152 * 255).toString(16)}`);
});
