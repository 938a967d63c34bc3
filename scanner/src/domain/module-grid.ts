import { squareToCorners } from './homography.ts';
import type { Corners, Homography } from './homography.ts';
import type { Luminance } from './luminance.ts';
import { layoutOf } from './qr-layout.ts';
import type { QrLayout } from './qr-layout.ts';
import type { Point } from './readings.ts';

/** Modules around the code that are sampled too: the equalizer looks at neighbours. */
export const gridMargin = 3;

/** A code's brightness, one number a module (0..255), with a margin around it. */
export interface ModuleGrid {
  readonly layout: QrLayout;
  /** Modules along a side, margins included. */
  readonly side: number;
  readonly values: Float32Array;
  /** How well the fixed modules agree with the picture, -1..1; negative for an inverted code. */
  readonly agreement: number;
  readonly corners: Corners;
}

function brightnessAt(picture: Luminance, x: number, y: number): number {
  const { data, width, height } = picture;
  const px = Math.min(width - 1.001, Math.max(0, x - 0.5));
  const py = Math.min(height - 1.001, Math.max(0, y - 0.5));
  const column = px | 0;
  const row = py | 0;
  const fx = px - column;
  const fy = py - row;
  const at = row * width + column;
  const top = data[at]! + (data[at + 1]! - data[at]!) * fx;
  const below = at + width;
  const bottom = data[below]! + (data[below + 1]! - data[below]!) * fx;
  return top + (bottom - top) * fy;
}

// Correlation of the fixed modules with what the picture shows where they should be.
function agreementAt(picture: Luminance, map: Homography, layout: QrLayout): number {
  let sum = 0;
  let square = 0;
  let signs = 0;
  let product = 0;
  const { fixed, known, size } = layout;
  for (const index of fixed) {
    const x = (index % size) + 0.5;
    const y = Math.floor(index / size) + 0.5;
    const w = 1 / (map[6]! * x + map[7]! * y + 1);
    const px = (map[0]! * x + map[1]! * y + map[2]!) * w;
    const py = (map[3]! * x + map[4]! * y + map[5]!) * w;
    const value = brightnessAt(picture, px, py);
    const sign = -known[index]!;
    sum += value;
    square += value * value;
    signs += sign;
    product += value * sign;
  }
  const count = fixed.length;
  const variance = square / count - (sum / count) ** 2;
  const spread = 1 - (signs / count) ** 2;
  if (variance < 1) return 0;
  return (product / count - (sum * signs) / (count * count)) / Math.sqrt(variance * spread);
}

const agreementOf = (picture: Luminance, corners: Corners, layout: QrLayout): number => {
  const map = squareToCorners(layout.size, corners);
  return map === undefined ? 0 : agreementAt(picture, map, layout);
};

const shifted = (corners: Corners, which: number, dx: number, dy: number): Corners => {
  const moved = corners.map((corner, index) =>
    index === which ? { x: corner.x + dx, y: corner.y + dy } : corner,
  );
  return moved as [Point, Point, Point, Point];
};

interface Fit {
  readonly corners: Corners;
  readonly agreement: number;
}

// Moves one corner after another while the fixed modules agree better.
function refine(picture: Luminance, start: Fit, layout: QrLayout): Fit {
  const sign = start.agreement < 0 ? -1 : 1;
  const { corners } = start;
  const sidePx = Math.hypot(corners[1].x - corners[0].x, corners[1].y - corners[0].y);
  const modulePx = sidePx / layout.size;
  let best = start;
  for (const stepModules of [0.6, 0.3, 0.15]) {
    const step = stepModules * modulePx;
    for (let round = 0; round < 2; round++) {
      const before = best.agreement;
      for (let which = 0; which < 4; which++) {
        for (const [dx, dy] of [
          [step, 0],
          [-step, 0],
          [0, step],
          [0, -step],
        ] as const) {
          const moved = shifted(best.corners, which, dx, dy);
          const agreement = agreementOf(picture, moved, layout);
          if (agreement * sign > best.agreement * sign) best = { corners: moved, agreement };
        }
      }
      if (best.agreement === before) break;
    }
  }
  return best;
}

/** Versions that are tried on a code whose size could not be read. */
const highestVersion = 10;
// Below this the corners lie on something else than a code.
const leastAgreement = 0.35;

/**
 * Lays a grid over a code that was found but could not be read, and samples its modules.
 * @returns undefined when no version's fixed modules agree with the picture.
 */
export function sampleGrid(picture: Luminance, corners: Corners): ModuleGrid | undefined {
  const rough: { fit: Fit; layout: QrLayout }[] = [];
  for (let version = 1; version <= highestVersion; version++) {
    const layout = layoutOf(version);
    rough.push({ fit: { corners, agreement: agreementOf(picture, corners, layout) }, layout });
  }
  rough.sort((a, b) => Math.abs(b.fit.agreement) - Math.abs(a.fit.agreement));
  let best: { fit: Fit; layout: QrLayout } | undefined;
  for (const { fit, layout } of rough.slice(0, 2)) {
    const refined = refine(picture, fit, layout);
    const better = Math.abs(refined.agreement) > Math.abs(best?.fit.agreement ?? 0);
    if (better) best = { fit: refined, layout };
  }
  if (best === undefined || Math.abs(best.fit.agreement) < leastAgreement) return undefined;
  return sample(picture, best.fit, best.layout);
}

function sample(picture: Luminance, fit: Fit, layout: QrLayout): ModuleGrid | undefined {
  const map = squareToCorners(layout.size, fit.corners);
  if (map === undefined) return undefined;
  const side = layout.size + 2 * gridMargin;
  const values = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let sum = 0;
      // Four points inside the module: one alone is at the mercy of noise.
      for (let sub = 0; sub < 4; sub++) {
        const x = column - gridMargin + (sub & 1 ? 0.7 : 0.3);
        const y = row - gridMargin + (sub & 2 ? 0.7 : 0.3);
        const w = 1 / (map[6]! * x + map[7]! * y + 1);
        const px = (map[0]! * x + map[1]! * y + map[2]!) * w;
        const py = (map[3]! * x + map[4]! * y + map[5]!) * w;
        sum += brightnessAt(picture, px, py);
      }
      values[row * side + column] = sum / 4;
    }
  }
  return { layout, side, values, ...fit };
}
