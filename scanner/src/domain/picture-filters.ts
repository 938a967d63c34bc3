import type { Luminance } from './luminance.ts';

const blockPx = 4;
// Fewer levels than this between a pixel and its surroundings are noise, and count as light.
const flatLevels = 2;

interface Blocks {
  readonly means: Float32Array;
  readonly columns: number;
  readonly rows: number;
}

function blockMeans({ data, width, height }: Luminance): Blocks {
  const columns = Math.ceil(width / blockPx);
  const rows = Math.ceil(height / blockPx);
  const means = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const top = row * blockPx;
    const bottom = Math.min(height, top + blockPx);
    for (let column = 0; column < columns; column++) {
      const left = column * blockPx;
      const right = Math.min(width, left + blockPx);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let at = y * width + left; at < y * width + right; at++) sum += data[at]!;
      }
      means[row * columns + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return { means, columns, rows };
}

// Mean of a square of blocks around each block, by running sums along rows and columns.
function surroundings({ means, columns, rows }: Blocks, reach: number): Float32Array {
  const along = new Float32Array(means.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const first = Math.max(0, column - reach);
      const last = Math.min(columns - 1, column + reach);
      let sum = 0;
      for (let at = first; at <= last; at++) sum += means[row * columns + at]!;
      along[row * columns + column] = sum / (last - first + 1);
    }
  }
  const out = new Float32Array(means.length);
  for (let row = 0; row < rows; row++) {
    const first = Math.max(0, row - reach);
    const last = Math.min(rows - 1, row + reach);
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let at = first; at <= last; at++) sum += along[at * columns + column]!;
      out[row * columns + column] = sum / (last - first + 1);
    }
  }
  return out;
}

/**
 * Black or white, by whether a pixel is darker than what surrounds it. Finds a code in light that
 * changes over a few modules, where a binarizer with a larger window sees only the light.
 * @param reachBlocks the window is (2 n + 1) blocks of 4 px wide.
 */
export function localThreshold(picture: Luminance, reachBlocks: number): Luminance {
  const blocks = blockMeans(picture);
  const around = surroundings(blocks, reachBlocks);
  const { data, width, height } = picture;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / blockPx) * blocks.columns;
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      out[at] = data[at]! < around[row + (x >> 2)]! - flatLevels ? 0 : 255;
    }
  }
  return { data: out, width, height };
}

/** Half the size, each pixel the mean of four: noise sinks, and finders stay findable. */
export function halve({ data, width, height }: Luminance): Luminance {
  const columns = width >> 1;
  const rows = height >> 1;
  const out = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = 2 * row * width + 2 * column;
      const below = at + width;
      const sum = data[at]! + data[at + 1]! + data[below]! + data[below + 1]!;
      out[row * columns + column] = (sum + 2) >> 2;
    }
  }
  return { data: out, width: columns, height: rows };
}

/** Twice the size, interpolated: modules of one or two pixels become countable. */
export function double({ data, width, height }: Luminance): Luminance {
  const out = new Uint8Array(4 * width * height);
  for (let y = 0; y < 2 * height; y++) {
    const near = y >> 1;
    const far = Math.min(height - 1, Math.max(0, near + (y & 1 ? 1 : -1)));
    for (let x = 0; x < 2 * width; x++) {
      const beside = x >> 1;
      const next = Math.min(width - 1, Math.max(0, beside + (x & 1 ? 1 : -1)));
      const sum =
        9 * data[near * width + beside]! +
        3 * (data[near * width + next]! + data[far * width + beside]!) +
        data[far * width + next]!;
      out[y * 2 * width + x] = (sum + 8) >> 4;
    }
  }
  return { data: out, width: 2 * width, height: 2 * height };
}

/**
 * Subtracts a blurred copy: edges that the lens softened come back, and noise with them.
 * The copy is the mean of 5 x 5 pixels, the strength 2.
 */
export function sharpen({ data, width, height }: Luminance): Luminance {
  const along = new Uint16Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 2; x < width - 2; x++) {
      const at = y * width + x;
      along[at] = data[at - 2]! + data[at - 1]! + data[at]! + data[at + 1]! + data[at + 2]!;
    }
  }
  const out = Uint8Array.from(data);
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      const at = y * width + x;
      const sum =
        along[at - 2 * width]! +
        along[at - width]! +
        along[at]! +
        along[at + width]! +
        along[at + 2 * width]!;
      const value = 3 * data[at]! - sum * 0.08;
      out[at] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return { data: out, width, height };
}
