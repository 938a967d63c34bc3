import { renderFrame } from '@foyer/simulators';
import type { Condition } from '@foyer/simulators';
import { createQrReader, fullOptions, loadWasm } from '@foyer/scanner';
import type { Luminance } from '@foyer/scanner';
import { setImmediate } from 'node:timers/promises';

/** What a gate sees on an ordinary evening; `foyer bench decode` has the hard ones. */
export const ordinary: readonly Condition[] = ['clean', 'rotated', 'tilted', 'dark-mode'];

/** A camera's picture of one ticket. */
export interface GateFrame {
  readonly text: string;
  readonly condition: Condition;
  readonly picture: Luminance;
}

const seedStride = 1_000_003;

/** Draws one frame for each text, the conditions in turn. The same seed, the same pixels. */
export async function renderTickets(texts: readonly string[], seed: number): Promise<GateFrame[]> {
  const frames: GateFrame[] = [];
  for (const [index, text] of texts.entries()) {
    const condition = ordinary[index % ordinary.length] ?? 'clean';
    const picture = renderFrame({ text, condition, seed: seed * seedStride + index });
    frames.push({ text, condition, picture });
    await setImmediate();
  }
  return frames;
}

const warmUpFrames = 12;

/**
 * Times zxing-wasm alone on the same frames: one pass with everything on, which is what a scanner
 * without our passes would do.
 * @returns milliseconds by the wall clock, one for each frame.
 */
export async function decodeBare(frames: readonly GateFrame[]): Promise<number[]> {
  const reader = await createQrReader(await loadWasm());
  for (const { picture } of frames.slice(0, warmUpFrames)) reader.read(picture, fullOptions);
  const times: number[] = [];
  for (const { picture } of frames) {
    const startMs = performance.now();
    reader.read(picture, fullOptions);
    times.push(performance.now() - startMs);
    await setImmediate();
  }
  return times;
}
