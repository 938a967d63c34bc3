import type { Uniform } from '../../camera/random.ts';

/** How many guests come, over time: an even stream with rushes. */
export interface DemandCurve {
  /** Guests a second, on average over a period. */
  readonly meanPerS: number;
  /** How much a rush adds at its height, as a share of the mean: 0..1. */
  readonly rush: number;
  /** Time from one rush to the next. */
  readonly periodMs: number;
}

/** Guests a second at a time. The first rush begins at once, so that a run starts busy. */
export function rateAt(curve: DemandCurve, atMs: number): number {
  const turn = (2 * Math.PI * atMs) / curve.periodMs;
  return curve.meanPerS * (1 + curve.rush * Math.sin(turn + Math.PI / 4));
}

/**
 * When the next guest comes after `afterMs`: a Poisson stream whose rate follows the curve, by
 * thinning a stream of the highest rate.
 */
export function nextArrivalMs(curve: DemandCurve, afterMs: number, uniform: Uniform): number {
  const highestPerS = curve.meanPerS * (1 + curve.rush);
  let atMs = afterMs;
  for (;;) {
    atMs += (-Math.log(1 - uniform()) / highestPerS) * 1000;
    if (uniform() * highestPerS <= rateAt(curve, atMs)) return atMs;
  }
}
