import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Media } from '@foyer/contracts';
import sharp from 'sharp';

const run = promisify(execFile);

/** A picture with shapes in it, no two hues alike: a frame tells which one it is of. */
export function makePicture(hue: number, widthPx = 640, heightPx = 360): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">
    <rect width="100%" height="100%" fill="hsl(${hue} 70% 45%)"/>
    <rect width="50%" height="35%" fill="hsl(${hue} 60% 75%)"/>
    <circle cx="75%" cy="65%" r="18%" fill="hsl(${hue} 80% 22%)"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** 16 x 9 luminances as the cloud computes them. */
export async function thumbprintOf(picture: Buffer): Promise<string> {
  const { data } = await sharp(picture)
    .removeAlpha()
    .resize(160, 90, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const cells = Array.from({ length: 144 }, (_, cell) => {
    let sum = 0;
    for (let y = 0; y < 10; y += 1) {
      for (let x = 0; x < 10; x += 1) {
        const at = ((Math.floor(cell / 16) * 10 + y) * 160 + (cell % 16) * 10 + x) * 3;
        sum +=
          0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0);
      }
    }
    return Math.round(sum / 100);
  });
  return cells.map((cell) => cell.toString(16).padStart(2, '0')).join('');
}

/** The row of a file, with no renditions. */
export function mediaRow(sha256: string, sizeBytes: number, more: Partial<Media> = {}): Media {
  return {
    sha256,
    name: 'A file',
    kind: 'image',
    mime: 'image/png',
    sizeBytes,
    widthPx: 640,
    heightPx: 360,
    durationMs: null,
    thumbprint: null,
    renditions: [],
    ...more,
  };
}

/** How a film is made; needs ffmpeg. */
export interface FilmOptions {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly seconds: number;
  readonly framesPerS?: number;
  /** An ffmpeg source; the default is a moving test pattern. */
  readonly source?: string;
}

/** A film without sound (VP8 in WebM: every Chromium plays it). */
export async function makeTestFilm(
  dir: string,
  name: string,
  options: FilmOptions,
): Promise<Buffer> {
  const { widthPx = 640, heightPx = 360, seconds, framesPerS = 30 } = options;
  const file = join(dir, `${name}.webm`);
  const size = `${widthPx}x${heightPx}`;
  const source = options.source ?? `testsrc2=size=${size}:rate=${framesPerS}`;
  try {
    await run('ffmpeg', [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-t', String(seconds)],
      ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1500k'],
      ...['-g', String(framesPerS), '-an', file],
    ]);
  } catch (error) {
    const message = 'ffmpeg is needed for films: run apt-get install ffmpeg, then again.';
    throw new Error(message, { cause: error });
  }
  return readFile(file);
}
