import sharp from 'sharp';

import type { Luminance } from '@foyer/scanner';

const image = (frame: Luminance) =>
  sharp(frame.data, { raw: { width: frame.width, height: frame.height, channels: 1 } });

/** The frame as a PNG file's bytes, for people to look at. */
export const encodePng = (frame: Luminance): Promise<Buffer> => image(frame).png().toBuffer();

/** The frame as a JPEG file's bytes, as a network camera would send it. */
export const encodeJpeg = (frame: Luminance, quality = 85): Promise<Buffer> =>
  image(frame).jpeg({ quality }).toBuffer();
