import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import sharp from 'sharp';

/** A picture of the seeded theatre: an invented poster or advertisement. */
export interface Artwork {
  readonly title: string;
  readonly line: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Degrees on the colour wheel. */
  readonly hue: number;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const sentenceWidth = 0.62;

function svgOf({ title, line, widthPx, heightPx, hue }: Artwork): string {
  const short = Math.min(widthPx, heightPx);
  const longest = Math.max(title.length, 10);
  const titlePx = Math.min(short / 8, (widthPx * 0.88) / (longest * sentenceWidth));
  const linePx = Math.min(titlePx * 0.5, (widthPx * 0.88) / (line.length * sentenceWidth));
  const rings = Array.from({ length: 5 }, (_, ring) => {
    const radius = short * (0.08 + 0.09 * ring);
    return `<circle cx="${widthPx * 0.5}" cy="${heightPx * 0.36}" r="${radius}" fill="none"
      stroke="hsl(${hue + ring * 9} 70% ${70 - ring * 6}%)" stroke-width="${short * 0.02}"/>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">
    <defs><linearGradient id="g" x1="0" y1="0" x2="0.4" y2="1">
      <stop offset="0" stop-color="hsl(${hue} 55% 28%)"/>
      <stop offset="1" stop-color="hsl(${hue + 40} 60% 9%)"/>
    </linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>${rings}
    <g font-family="DejaVu Sans, sans-serif" text-anchor="middle" fill="#fff">
      <text x="50%" y="${heightPx * 0.8}" font-size="${titlePx}"
        font-weight="bold">${escapeXml(title)}</text>
      <text x="50%" y="${heightPx * 0.8 + titlePx * 1.1}"
        font-size="${linePx}" opacity="0.85">${escapeXml(line)}</text>
    </g></svg>`;
}

/** The picture as a PNG. */
export function drawPicture(artwork: Artwork): Promise<Buffer> {
  return sharp(Buffer.from(svgOf(artwork)))
    .png({ compressionLevel: 6 })
    .toBuffer();
}

const encodeTimeoutMs = 60_000;
const filmSeconds = 6;

/**
 * A silent film of six seconds as WebM, made by ffmpeg.
 * @returns null where there is no ffmpeg that can make it.
 */
export async function makeFilm(): Promise<Buffer | null> {
  const dir = await mkdtemp(join(tmpdir(), 'foyer-film-'));
  try {
    const file = join(dir, 'film.webm');
    const source = `gradients=s=640x360:r=25:d=${filmSeconds}:n=4:seed=7:speed=0.02`;
    const codec = [
      '-c:v',
      'libvpx',
      '-pix_fmt',
      'yuv420p',
      '-b:v',
      '600k',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
    ];
    const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...codec, file];
    await promisify(execFile)('ffmpeg', args, { timeout: encodeTimeoutMs });
    return await readFile(file);
  } catch {
    return null;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
