import { decodePicture } from '@foyer/scanner';
import type { QrReader } from '@foyer/scanner';

import { sequences } from './frames.ts';
import { round } from './numbers.ts';
import { barePass } from './readers.ts';

/** Shares of guests whose code was read in any of the frames for which they hold it up. */
export interface SequenceSummary {
  readonly guests: number;
  readonly framesEach: number;
  /** By ZXing's one pass. */
  readonly zxingWasm: number;
  /** By ours, as a gate runs it. */
  readonly ours: number;
  /** The frame, counted from 1, that ours read first: the mean of those read. */
  readonly oursFirstFrame: number | null;
  readonly byCondition: Readonly<Record<string, Counts>>;
}

interface Counts {
  guests: number;
  zxingWasm: number;
  ours: number;
}

/** Guests who hold their phone for a few frames, in a hand that trembles. */
export function readSequences(
  reader: QrReader,
  perCondition: number,
  framesEach: number,
  seed: number,
): SequenceSummary {
  const byCondition: Record<string, Counts> = {};
  const total: Counts = { guests: 0, zxingWasm: 0, ours: 0 };
  let framesToRead = 0;
  for (const { condition, text, pictures } of sequences(perCondition, framesEach, seed)) {
    const own = (byCondition[condition] ??= { guests: 0, zxingWasm: 0, ours: 0 });
    const bare = pictures.some((picture) => barePass(reader, picture).includes(text));
    const first = pictures.findIndex((picture, turn) =>
      decodePicture(reader, { picture, effort: 'live', turn }).texts.includes(text),
    );
    if (first >= 0) framesToRead += first + 1;
    for (const counts of [own, total]) {
      counts.guests += 1;
      if (bare) counts.zxingWasm += 1;
      if (first >= 0) counts.ours += 1;
    }
  }
  const share = (count: number): number => round(count / Math.max(1, total.guests), 4);
  return {
    guests: total.guests,
    framesEach,
    zxingWasm: share(total.zxingWasm),
    ours: share(total.ours),
    oursFirstFrame: total.ours === 0 ? null : round(framesToRead / total.ours),
    byCondition,
  };
}
