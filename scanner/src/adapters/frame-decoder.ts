import { equalize } from '../domain/equalizer.ts';
import type { Luminance } from '../domain/luminance.ts';
import { sampleGrid } from '../domain/module-grid.ts';
import type { ModuleGrid } from '../domain/module-grid.ts';
import { nextPass, quickOptions } from '../domain/passes.ts';
import type { Effort, Pass, Preparation } from '../domain/passes.ts';
import { double, halve, localThreshold, sharpen } from '../domain/picture-filters.ts';
import { orderTexts } from '../domain/readings.ts';
import type { Reading } from '../domain/readings.ts';
import { redraw } from '../domain/redraw.ts';
import type { QrReader } from './qr-reader.ts';

/** What to decode. */
export interface DecodeJob {
  readonly picture: Luminance;
  readonly effort: Effort;
  /** The camera's count of frames. */
  readonly turn: number;
}

/** What was read in a picture. */
export interface Decoded {
  /** Distinct texts in reading order. */
  readonly texts: string[];
  /** Time that decoding took, in milliseconds. */
  readonly decodeMs: number;
  /** The passes made, in order. */
  readonly passes: readonly string[];
}

const windowBlocks = 2;

function prepare(picture: Luminance, preparation: Preparation): { view: Luminance; scale: number } {
  switch (preparation) {
    case 'none':
      return { view: picture, scale: 1 };
    case 'half':
      return { view: halve(picture), scale: 0.5 };
    case 'threshold':
      return { view: localThreshold(picture, windowBlocks), scale: 1 };
    case 'sharp-threshold':
      return { view: localThreshold(sharpen(picture), windowBlocks), scale: 1 };
    case 'half-threshold':
      return { view: localThreshold(halve(picture), windowBlocks), scale: 0.5 };
    case 'half-sharp-threshold':
      return { view: localThreshold(sharpen(halve(picture)), windowBlocks), scale: 0.5 };
    case 'double':
      return { view: double(picture), scale: 2 };
  }
}

const toPicture = (reading: Reading, scale: number): Reading => {
  if (scale === 1) return reading;
  const [a, b, c, d] = reading.corners.map(({ x, y }) => ({ x: x / scale, y: y / scale }));
  return { ...reading, corners: [a!, b!, c!, d!] };
};

// A redrawn code is sharp, upright and dark on light.
const redrawnOptions = { ...quickOptions, invert: false, reportUnreadable: false };
const equalizerReaches = [1, 2] as const;
// Finds that are looked at closely in one pass, and pixels too few to hold a code's modules.
const maxRescues = 3;
const leastSidePx = 16;
// Doubling costs memory and time by the pixel: it is for small pictures.
const maxDoubledPixels = 1_500_000;

class PictureDecoder {
  readonly #reader: QrReader;
  readonly #job: DecodeJob;
  readonly #readings: Reading[] = [];
  #found = false;

  constructor(reader: QrReader, job: DecodeJob) {
    this.#reader = reader;
    this.#job = job;
  }

  /** Whether a code was found that could not be read. */
  get found(): boolean {
    return this.#found;
  }

  get texts(): string[] {
    return orderTexts(this.#readings);
  }

  look(pass: Pass): void {
    const { picture } = this.#job;
    if (Math.min(picture.width, picture.height) < leastSidePx) return;
    const pixels = picture.width * picture.height;
    if (pass.preparation === 'double' && pixels > maxDoubledPixels) return;
    const { view, scale } = prepare(picture, pass.preparation);
    const found = this.#reader.read(view, pass.options).map((reading) => toPicture(reading, scale));
    this.#readings.push(...found.filter((reading) => reading.text !== undefined));
    const unread = found.filter((reading) => reading.text === undefined);
    this.#found ||= unread.length > 0;
    for (const reading of unread.slice(0, maxRescues)) this.#rescue(reading);
  }

  #rescue(reading: Reading): void {
    const grid = sampleGrid(this.#job.picture, reading.corners);
    if (grid === undefined) return;
    for (const reach of equalizerReaches) {
      if (this.#readSoft(equalize(grid, reach), grid)) return;
    }
  }

  #readSoft(soft: Float32Array, grid: ModuleGrid): boolean {
    const [reading] = this.#reader.read(redraw(soft, grid.layout), redrawnOptions);
    if (reading?.text === undefined) return false;
    this.#readings.push({ text: reading.text, corners: grid.corners });
    return true;
  }
}

/** Reads one picture within its effort's budget. Synchronous: it belongs in a worker. */
export function decodePicture(reader: QrReader, job: DecodeJob): Decoded {
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  const decoder = new PictureDecoder(reader, job);
  const passes: string[] = [];
  const { effort, turn } = job;
  for (;;) {
    const texts = decoder.texts.length;
    const { found } = decoder;
    const made = passes.length;
    const pass = nextPass({ effort, turn, texts, found, made, elapsedMs: elapsedMs() });
    if (pass === undefined) break;
    passes.push(pass.name);
    decoder.look(pass);
  }
  const { texts } = decoder;
  return { texts, decodeMs: elapsedMs(), passes };
}
