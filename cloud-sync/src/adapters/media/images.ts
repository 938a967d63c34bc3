import { FoyerError } from '@foyer/contracts';
import type { Sharp, SharpOptions } from 'sharp';

import {
  thumbprintCellPx,
  thumbprintGrid,
  thumbprintOf,
  type PixelSize,
} from '../../domain/media.ts';

/** Pixels of an image, 8,192 x 8,192: the largest screen. More is refused before it is decoded. */
const maxPixels = 8192 * 8192;
const maxSidePx = 16_384;
const decodeTimeoutS = 60;
const webpQuality = 82;

/** A file that was decoded whole. */
export interface CheckedImage extends PixelSize {
  thumbprint: string;
}

const unreadable = (why: string, cause?: unknown): FoyerError =>
  new FoyerError('image-unreadable', `The image cannot be read: ${why}.`, { cause });

// Loaded when the first image comes: a cloud without media does not pay for it.
async function pictureOf(path: string): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  // The cache would keep files open that others replace.
  sharp.cache(false);
  const options: SharpOptions = { limitInputPixels: maxPixels, failOn: 'warning' };
  return sharp(path, options);
}

/** Size as it is shown, a photograph's orientation applied; refused by its header if too large. */
async function sizeOf(path: string): Promise<PixelSize> {
  const { default: sharp } = await import('sharp');
  const found = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(reasonOf(error), error);
    });
  if ((found.pages ?? 1) > 1) {
    throw unreadable('it moves; send a film as MP4 or WebM');
  }
  const { width, height } = found.autoOrient;
  if (width * height > maxPixels || Math.max(width, height) > maxSidePx) {
    const sentence = `The image is ${width} x ${height}; ${maxPixels} pixels are the most.`;
    throw new FoyerError('image-too-large', sentence);
  }
  return { widthPx: width, heightPx: height };
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 120) ?? '';

/**
 * Decodes an image whole and answers its size and thumbprint. Throws `image-unreadable` for one
 * that is damaged or cut short, `image-too-large` for one whose header says so.
 */
export async function checkImage(path: string): Promise<CheckedImage> {
  const size = await sizeOf(path);
  const picture = await pictureOf(path);
  const { columns, rows } = thumbprintGrid;
  try {
    const rgb = await picture
      .autoOrient()
      .flatten({ background: '#000000' })
      .resize(columns * thumbprintCellPx, rows * thumbprintCellPx, { fit: 'fill' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .timeout({ seconds: decodeTimeoutS })
      .toBuffer();
    return { ...size, thumbprint: thumbprintOf(rgb) };
  } catch (error) {
    throw unreadable(reasonOf(error), error);
  }
}

/** The image in another size, as WebP, without the metadata of the original. */
export async function renderImage(path: string, size: PixelSize): Promise<Uint8Array> {
  const picture = await pictureOf(path);
  return picture
    .autoOrient()
    .resize(size.widthPx, size.heightPx, { fit: 'fill' })
    .toColourspace('srgb')
    .webp({ quality: webpQuality })
    .timeout({ seconds: decodeTimeoutS })
    .toBuffer();
}
