import { decodePicture, EvidenceLog } from '@foyer/scanner';
import type { QrReader } from '@foyer/scanner';

import { sequences } from './frames.ts';
import { round } from './numbers.ts';
import { barePass } from './readers.ts';

/** Shares of guests whose code was read within the first frames. */
export interface SequenceSummary {
  readonly guests: number;
  readonly framesEach: number;
  /** Read from any one of the frames by ZXing's one pass. */
  readonly zxingWasm: number;
  /** Ours, each frame by itself. */
  readonly oursAlone: number;
  /** Ours, each frame with what the ones before it told. */
  readonly oursFused: number;
  readonly byCondition: Readonly<Record<string, Counts>>;
}

interface Counts {
  guests: number;
  zxingWasm: number;
  oursAlone: number;
  oursFused: number;
}

const frameMs = 1000 / 15;

/** Guests who hold their phone for a few frames: what putting frames together gives. */
export function readSequences(
  reader: QrReader,
  perCondition: number,
  framesEach: number,
  seed: number,
): SequenceSummary {
  const byCondition: Record<string, Counts> = {};
  const total: Counts = { guests: 0, zxingWasm: 0, oursAlone: 0, oursFused: 0 };
  for (const { condition, text, pictures } of sequences(perCondition, framesEach, seed)) {
    const own = (byCondition[condition] ??= {
      guests: 0,
      zxingWasm: 0,
      oursAlone: 0,
      oursFused: 0,
    });
    const log = new EvidenceLog();
    const effort = 'live';
    const bare = pictures.some((picture) => barePass(reader, picture).includes(text));
    const alone = pictures.some((picture, turn) =>
      decodePicture(reader, { picture, effort, turn, earlier: [] }).texts.includes(text),
    );
    const fused = pictures.some((picture, turn) => {
      const nowMs = turn * frameMs;
      const earlier = log.recent(nowMs);
      const { texts, evidence } = decodePicture(reader, { picture, effort, turn, earlier });
      if (evidence !== undefined) log.add(evidence, nowMs);
      return texts.includes(text);
    });
    for (const counts of [own, total]) {
      counts.guests += 1;
      if (bare) counts.zxingWasm += 1;
      if (alone) counts.oursAlone += 1;
      if (fused) counts.oursFused += 1;
    }
  }
  const share = (count: number): number => round(count / Math.max(1, total.guests), 4);
  return {
    guests: total.guests,
    framesEach,
    zxingWasm: share(total.zxingWasm),
    oursAlone: share(total.oursAlone),
    oursFused: share(total.oursFused),
    byCondition,
  };
}
