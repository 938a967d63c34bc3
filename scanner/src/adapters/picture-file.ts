import { FoyerError } from '@foyer/contracts';
import sharp from 'sharp';

import type { Luminance } from '../domain/luminance.ts';

/** Bounds of the pictures that are accepted. */
export interface PictureLimits {
  /** More pixels than this are refused before they are decoded. */
  readonly maxInputPixels: number;
  /** A larger picture is shrunk to at most this many pixels while it is loaded. */
  readonly maxPixels: number;
  /**
   * Pixels of a picture that cannot be read line by line: all of it is in memory at once, four
   * bytes a pixel. `maxInputPixels` when absent.
   */
  readonly maxWholePixels?: number;
}

/**
 * Memory for one picture is bounded by these, whatever the file holds: 12 MB of pixels, and 100 MB
 * more while a progressive JPEG, an interlaced PNG or a picture of another kind is loaded. Such a
 * file of 120 million pixels would take 430 to 550 MB.
 */
export const defaultPictureLimits: PictureLimits = {
  maxInputPixels: 120_000_000,
  maxPixels: 12_000_000,
  maxWholePixels: 25_000_000,
};

const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif', 'jp2', 'jxl']);

/** Read line by line, and so in little memory, unless they are progressive or interlaced. */
const byLine = new Set(['jpeg', 'png', 'tiff']);

const unreadable = (cause: unknown): FoyerError => {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new FoyerError('image-unreadable', `The image cannot be read: ${reason}.`, { cause });
};

/**
 * Loads a PNG, JPEG, WebP, GIF, TIFF or HEIF picture as luminance. What is transparent is white, as
 * a page behind it would be.
 * @param bytes the whole file.
 * @throws FoyerError `image-unreadable` (also for a truncated file), `image-too-large`.
 */
export async function loadPicture(
  bytes: Uint8Array,
  limits: PictureLimits = defaultPictureLimits,
): Promise<Luminance> {
  if (bytes.length === 0) throw new FoyerError('image-unreadable', 'The image is empty.');
  // The size is checked here and not by sharp: its refusal looks like a damaged file's.
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: false, sequentialRead: true });
  const { format, width, height, isProgressive } = await image
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  if (!formats.has(format)) {
    throw new FoyerError('image-unreadable', `Images of the kind "${format}" are not read.`);
  }
  const pixels = width * height;
  const whole = isProgressive || !byLine.has(format);
  const { maxInputPixels, maxWholePixels = maxInputPixels } = limits;
  const maxInput = whole ? Math.min(maxInputPixels, maxWholePixels) : maxInputPixels;
  if (pixels > maxInput) {
    const most = Math.round(maxInput / 1e6);
    const message = `The image has ${width}x${height} pixels; at most ${most} million are read.`;
    throw new FoyerError('image-too-large', message);
  }
  const scale = Math.min(1, Math.sqrt(limits.maxPixels / pixels));
  const fitting = scale < 1 ? image.resize({ width: Math.floor(width * scale) }) : image;
  const plane = fitting.flatten({ background: '#ffffff' }).greyscale().toColourspace('b-w');
  const { data, info } = await plane
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  return { data: onePlane(data, info.channels), width: info.width, height: info.height };
}

function onePlane(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return new Uint8Array(data);
  const plane = new Uint8Array(data.length / channels);
  for (let index = 0; index < plane.length; index++) plane[index] = data[index * channels]!;
  return plane;
}
