import type { Pose } from './scene.ts';

/**
 * Maps the phone's plane (millimetres) to pixels: x' = (a x + b y + c) / (g x + h y + i) and so on.
 */
export type Homography = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** The camera's focal length for a frame of this width: a field of view of 60 degrees. */
export const focalPx = (widthPx: number): number => widthPx / 2 / Math.tan(Math.PI / 6);

/** Where a pose puts the phone's plane in a frame of the given size. */
export function project(pose: Pose, widthPx: number, heightPx: number): Homography {
  const [cr, sr] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  const [cp, sp] = [Math.cos(pose.pitch), Math.sin(pose.pitch)];
  const [cy, sy] = [Math.cos(pose.yaw), Math.sin(pose.yaw)];
  // First two columns of roll * pitch * yaw: the plane has no third coordinate.
  const right = [cr * cy - sr * sp * sy, sr * cy + cr * sp * sy, -cp * sy] as const;
  const down = [-sr * cp, cr * cp, sp] as const;
  const focal = focalPx(widthPx);
  const [cx, cyPx] = [widthPx / 2, heightPx / 2];
  const row = (axis: 0 | 1, centre: number, shift: number): [number, number, number] => [
    focal * right[axis] + centre * right[2],
    focal * down[axis] + centre * down[2],
    focal * shift + centre * pose.distanceMm,
  ];
  return [...row(0, cx, pose.xMm), ...row(1, cyPx, pose.yMm), right[2], down[2], pose.distanceMm];
}

/** The inverse, up to scale. */
export function invert(h: Homography): Homography {
  const [a, b, c, d, e, f, g, k, i] = h;
  return [
    e * i - f * k,
    c * k - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * k - e * g,
    b * g - a * k,
    a * e - b * d,
  ];
}

/** Where a point of the plane falls. */
export function apply(h: Homography, x: number, y: number): { x: number; y: number } {
  const w = h[6] * x + h[7] * y + h[8];
  return { x: (h[0] * x + h[1] * y + h[2]) / w, y: (h[3] * x + h[4] * y + h[5]) / w };
}
