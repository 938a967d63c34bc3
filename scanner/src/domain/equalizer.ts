import { gridMargin } from './module-grid.ts';
import type { ModuleGrid } from './module-grid.ts';

/**
 * Undoes blur and smear. A code carries modules whose colour is known beforehand; from what they
 * and their neighbours look like, a small linear filter is fitted that gives back their colour,
 * whatever the lens, the hand and the light did. The same filter then reads the modules that are
 * not known. Ridge regression over a neighbourhood, repeated with the clear ones of its own
 * decisions.
 * @param reach modules that the neighbourhood extends to each side.
 * @returns by module of the code: positive dark, negative light, about 1 when sure.
 */
export function equalize(grid: ModuleGrid, reach: number): Float32Array {
  const { layout, side } = grid;
  const { size, known } = layout;
  const values = standardized(grid.values);
  const taps = neighbourhood(side, reach);
  const targets = Float32Array.from(known);
  let soft: Float32Array = new Float32Array(size * size);
  for (let round = 0; round < rounds; round++) {
    const weights = fit(values, taps, { grid, targets });
    soft = apply(values, taps, grid, weights);
    for (let index = 0; index < soft.length; index++) {
      if (known[index] !== 0) continue;
      const value = soft[index]!;
      targets[index] = Math.abs(value) < clearly ? 0 : Math.sign(value);
    }
  }
  return soft;
}

const rounds = 3;
// A decision this far from the threshold is believed by the next round.
const clearly = 0.35;
const ridge = 0.02;

function neighbourhood(side: number, reach: number): Int32Array {
  const taps: number[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (Math.abs(dx) + Math.abs(dy) <= reach + 1) taps.push(dy * side + dx);
    }
  }
  return Int32Array.from(taps);
}

function standardized(values: Float32Array): Float32Array {
  let sum = 0;
  let square = 0;
  for (const value of values) {
    sum += value;
    square += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(1, square / values.length - mean * mean));
  return values.map((value) => (value - mean) / deviation);
}

interface Lesson {
  readonly grid: ModuleGrid;
  /** By module: 1 dark, -1 light, 0 not to be learnt from. */
  readonly targets: Float32Array;
}

const placeOf = (index: number, { layout, side }: ModuleGrid): number =>
  (Math.floor(index / layout.size) + gridMargin) * side + (index % layout.size) + gridMargin;

function fit(values: Float32Array, taps: Int32Array, { grid, targets }: Lesson): Float64Array {
  const count = taps.length + 1;
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  const row = new Float64Array(count);
  let lessons = 0;
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index]!;
    if (target === 0) continue;
    lessons += 1;
    const place = placeOf(index, grid);
    for (let tap = 0; tap < taps.length; tap++) row[tap] = values[place + taps[tap]!]!;
    row[count - 1] = 1;
    for (let i = 0; i < count; i++) {
      const left = row[i]!;
      right[i] = right[i]! + left * target;
      for (let j = 0; j <= i; j++) matrix[i * count + j] = matrix[i * count + j]! + left * row[j]!;
    }
  }
  for (let i = 0; i < count; i++) matrix[i * count + i] = matrix[i * count + i]! + ridge * lessons;
  return solve(matrix, right, count);
}

// Cholesky's decomposition of a symmetric positive matrix, of which the lower half is given.
function solve(matrix: Float64Array, right: Float64Array, count: number): Float64Array {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * count + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * count + k]! * matrix[j * count + k]!;
      matrix[i * count + j] =
        i === j ? Math.sqrt(Math.max(1e-9, sum)) : sum / matrix[j * count + j]!;
    }
  }
  const solution = Float64Array.from(right);
  for (let i = 0; i < count; i++) {
    let sum = solution[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i * count + k]! * solution[k]!;
    solution[i] = sum / matrix[i * count + i]!;
  }
  for (let i = count - 1; i >= 0; i--) {
    let sum = solution[i]!;
    for (let k = i + 1; k < count; k++) sum -= matrix[k * count + i]! * solution[k]!;
    solution[i] = sum / matrix[i * count + i]!;
  }
  return solution;
}

function apply(
  values: Float32Array,
  taps: Int32Array,
  grid: ModuleGrid,
  weights: Float64Array,
): Float32Array {
  const { size } = grid.layout;
  const soft = new Float32Array(size * size);
  for (let index = 0; index < soft.length; index++) {
    const place = placeOf(index, grid);
    let sum = weights[taps.length]!;
    for (let tap = 0; tap < taps.length; tap++) sum += weights[tap]! * values[place + taps[tap]!]!;
    soft[index] = sum;
  }
  return soft;
}
