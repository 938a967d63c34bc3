import type { Luminance } from './luminance.ts';
import type { QrLayout } from './qr-layout.ts';

const modulePx = 3;
const quietModules = 4;

/**
 * Draws a code afresh from what its modules are taken for, upright and sharp, so that any decoder
 * samples it without doubt and only has its error correction to do.
 * @param soft by module: positive dark, negative light. Fixed modules are drawn as they must be.
 */
export function redraw(soft: Float32Array, layout: QrLayout): Luminance {
  const { size, known } = layout;
  const width = (size + 2 * quietModules) * modulePx;
  const data = new Uint8Array(width * width).fill(255);
  for (let index = 0; index < soft.length; index++) {
    if ((known[index] === 0 ? soft[index]! : known[index]!) <= 0) continue;
    const top = (Math.floor(index / size) + quietModules) * modulePx;
    const left = ((index % size) + quietModules) * modulePx;
    for (let y = top; y < top + modulePx; y++)
      data.fill(0, y * width + left, y * width + left + modulePx);
  }
  return { data, width, height: width };
}
