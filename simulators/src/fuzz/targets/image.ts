import { defaultPictureLimits, loadPicture } from '@foyer/scanner';

import { pictureExamples } from '../pictures.ts';
import { pictureShape } from '../shapes/pictures.ts';
import { Misbehaviour, type FuzzTarget } from '../target.ts';

async function load(bytes: Uint8Array): Promise<void> {
  const { data, width, height } = await loadPicture(bytes);
  if (data.length !== width * height || data.length > defaultPictureLimits.maxPixels) {
    throw new Misbehaviour(`A picture of ${width}x${height} has ${data.length} pixels.`);
  }
}

export const imageTarget: FuzzTarget = {
  name: 'image',
  takes: 'picture files: PNG, JPEG, WebP, GIF, TIFF, AVIF; bombs among them',
  shape: pictureShape,
  words: ['IHDR', 'IDAT', 'PLTE', 'tRNS', 'acTL', 'RIFF', 'WEBP', 'VP8L', 'VP8X', 'ftypavif'],
  seeds: pictureExamples,
  open: () => Promise.resolve({ run: load, close: () => {} }),
  maxInputBytes: 65_536,
  // A hundred million pixels are read in a thread of their own.
  maxMs: 4000,
  maxRssBytes: 768 * 1_048_576,
};
