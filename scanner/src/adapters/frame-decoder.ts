import type { Luminance } from '../domain/luminance.ts';
import { fullOptions, quickOptions } from '../domain/passes.ts';
import { orderTexts } from '../domain/readings.ts';
import type { QrReader } from './qr-reader.ts';

/** How long a picture deserves: one of many frames of a camera, or one that somebody waits for. */
export type Effort = 'live' | 'thorough';

/** What was read in a picture. */
export interface Decoded {
  /** Distinct texts in reading order. */
  readonly texts: string[];
  /** Time that decoding took, in milliseconds. */
  readonly decodeMs: number;
  /** Passes made over the picture. */
  readonly passes: number;
}

/** Reads one picture within its effort's budget. Synchronous: it belongs in a worker. */
export function decodePicture(reader: QrReader, picture: Luminance, _effort: Effort): Decoded {
  const startMs = performance.now();
  let passes = 0;
  for (const options of [quickOptions, fullOptions]) {
    passes += 1;
    const texts = orderTexts(reader.read(picture, options));
    if (texts.length > 0) return { texts, decodeMs: performance.now() - startMs, passes };
  }
  return { texts: [], decodeMs: performance.now() - startMs, passes };
}
