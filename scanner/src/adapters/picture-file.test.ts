import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { drawCode } from '../testing/code-picture.ts';
import { loadPicture } from './picture-file.ts';
import { createQrReader, loadWasm } from './qr-reader.ts';
import { quickOptions } from '../domain/passes.ts';

const text = 'F1:HELLO GATE';

async function codeImage() {
  const { data, width, height } = await drawCode(text);
  return sharp(data, { raw: { width, height, channels: 1 } });
}

async function readIn(bytes: Uint8Array): Promise<(string | undefined)[]> {
  const reader = await createQrReader(await loadWasm());
  const picture = await loadPicture(bytes);
  return reader.read(picture, quickOptions).map((reading) => reading.text);
}

describe('loadPicture', () => {
  it('loads the usual kinds of pictures', async () => {
    const image = await codeImage();
    const kinds = [
      await image.clone().png().toBuffer(),
      await image.clone().jpeg().toBuffer(),
      await image.clone().webp().toBuffer(),
      await image.clone().toColourspace('rgb16').png().toBuffer(),
    ];
    for (const bytes of kinds) expect(await readIn(bytes)).toEqual([text]);
  });

  it('sees white behind a transparent page', async () => {
    const { data, width, height } = await drawCode(text);
    const rgba = Buffer.alloc(width * height * 4);
    for (const [index, value] of data.entries()) rgba[4 * index + 3] = value === 0 ? 255 : 0;
    const bytes = await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
    expect(await readIn(bytes)).toEqual([text]);
  });

  it('says clearly that a truncated picture cannot be read', async () => {
    const image = await codeImage();
    const whole = [await image.clone().png().toBuffer(), await image.clone().jpeg().toBuffer()];
    for (const bytes of whole) {
      const half = bytes.subarray(0, Math.floor(bytes.length / 2));
      await expect(loadPicture(half)).rejects.toMatchObject({ code: 'image-unreadable' });
    }
    const none = new Uint8Array();
    await expect(loadPicture(none)).rejects.toMatchObject({ code: 'image-unreadable' });
  });

  it('refuses what is no picture, and pictures that can name other files', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const words of ['root:x:0:0', svg]) {
      await expect(loadPicture(Buffer.from(words))).rejects.toMatchObject({
        code: 'image-unreadable',
      });
    }
  });
});

describe('loadPicture of what is large', () => {
  it('reads a 50-megapixel picture in bounded memory', async () => {
    const code = await drawCode(text);
    const [width, height, scale] = [8_400, 6_000, 12];
    const page = Buffer.alloc(width * height, 255);
    for (let y = 0; y < code.height * scale; y++) {
      for (let x = 0; x < code.width; x++) {
        const value = code.data[Math.floor(y / scale) * code.width + x];
        page.fill(value ?? 255, y * width + x * scale, y * width + (x + 1) * scale);
      }
    }
    const jpeg = sharp(page, { raw: { width, height, channels: 1 } }).jpeg({ quality: 50 });
    const limits = { maxInputPixels: 60_000_000, maxPixels: 2_000_000 };
    const picture = await loadPicture(await jpeg.toBuffer(), limits);
    expect(picture.width / picture.height).toBeCloseTo(width / height, 2);
    expect(picture.data.length).toBeLessThanOrEqual(limits.maxPixels);
    const reader = await createQrReader(await loadWasm());
    expect(reader.read(picture, quickOptions).map((reading) => reading.text)).toEqual([text]);
  }, 120_000);

  it('refuses earlier what would be in memory as a whole: progressive, interlaced', async () => {
    const image = await codeImage();
    const limits = { maxInputPixels: 1_000_000, maxPixels: 1_000_000, maxWholePixels: 1_000 };
    const line = [await image.clone().png().toBuffer(), await image.clone().jpeg().toBuffer()];
    for (const bytes of line) expect((await loadPicture(bytes, limits)).width).toBeGreaterThan(0);
    const whole = [
      await image.clone().png({ progressive: true }).toBuffer(),
      await image.clone().jpeg({ progressive: true }).toBuffer(),
      await image.clone().webp().toBuffer(),
    ];
    for (const bytes of whole) {
      await expect(loadPicture(bytes, limits)).rejects.toMatchObject({ code: 'image-too-large' });
    }
  });

  it('refuses a picture larger than the limit by its header, without decoding it', async () => {
    const bytes = await (await codeImage()).png().toBuffer();
    const limits = { maxInputPixels: 1_000, maxPixels: 1_000 };
    await expect(loadPicture(bytes, limits)).rejects.toMatchObject({ code: 'image-too-large' });
  });
});
