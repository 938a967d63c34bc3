/** A number in [0, 1). Every drawing function takes one, so that a seed gives the same pixels. */
export type Uniform = () => number;

/**
 * A small seeded generator (32 bits of state, splitmix-like mixing). The same seed, the same run.
 */
export function seededUniform(seed: number): Uniform {
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bf03635;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number in [low, high). */
export const between = (uniform: Uniform, low: number, high: number): number =>
  low + (high - low) * uniform();

/** low..high with either sign. */
export const eitherSide = (uniform: Uniform, low: number, high: number): number =>
  between(uniform, low, high) * (uniform() < 0.5 ? -1 : 1);

/** One sample of the standard normal distribution. */
export function normal(uniform: Uniform): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

const tableSize = 1 << 16;
let table: Float32Array | undefined;

/** 65,536 normal samples, made once: sensor noise reads it from random places. */
export function normalTable(): Float32Array {
  if (table === undefined) {
    const uniform = seededUniform(20_011);
    table = Float32Array.from({ length: tableSize }, () => normal(uniform));
  }
  return table;
}
