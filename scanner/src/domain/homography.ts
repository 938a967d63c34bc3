import type { Point } from './readings.ts';

/** Maps a code's modules to pixels; row by row, the last number is 1. */
export type Homography = Float64Array;

/**
 * The four corners of a code in a picture, from its top left, clockwise as it is meant to be seen.
 */
export type Corners = readonly [Point, Point, Point, Point];

/**
 * The perspective that puts a square of `size` by `size` modules on four corners (Heckbert's closed
 * form). Undefined when the corners are no convex quadrilateral of some area.
 */
export function squareToCorners(size: number, corners: Corners): Homography | undefined {
  const [a, b, c, d] = corners;
  const dx1 = b.x - c.x;
  const dx2 = d.x - c.x;
  const dy1 = b.y - c.y;
  const dy2 = d.y - c.y;
  const sx = a.x - b.x + c.x - d.x;
  const sy = a.y - b.y + c.y - d.y;
  const area = dx1 * dy2 - dx2 * dy1;
  if (Math.abs(area) < 1) return undefined;
  const g = (sx * dy2 - dx2 * sy) / area;
  const h = (dx1 * sy - sx * dy1) / area;
  if (1 + g <= 0.05 || 1 + h <= 0.05 || 1 + g + h <= 0.05) return undefined;
  return Float64Array.of(
    (b.x - a.x + g * b.x) / size,
    (d.x - a.x + h * d.x) / size,
    a.x,
    (b.y - a.y + g * b.y) / size,
    (d.y - a.y + h * d.y) / size,
    a.y,
    g / size,
    h / size,
    1,
  );
}
