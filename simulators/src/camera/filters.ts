/** A plane of light, row by row. */
export interface Light {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels from left and top (included) to right and bottom (excluded). */
export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function gaussian(sigmaPx: number): Float32Array {
  const radius = Math.ceil(2.5 * sigmaPx);
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigmaPx * sigmaPx)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

// One row's or column's share of a convolution: out += weight * in, for a run of pixels.
function accumulate(out: Float32Array, outAt: number, light: Light, at: number, run: Run): void {
  const { data } = light;
  for (let index = 0; index < run.length; index++) {
    out[outAt + index] = out[outAt + index]! + run.weight * data[at + index]!;
  }
}

interface Run {
  readonly length: number;
  readonly weight: number;
}

/** Blurs in place, inside the bounds only; at the frame's border the nearest pixels repeat. */
export function blur(light: Light, sigmaPx: number, bounds: Bounds): void {
  if (sigmaPx < 0.2) return;
  const weights = gaussian(sigmaPx);
  const radius = (weights.length - 1) / 2;
  const { data, width } = light;
  const length = bounds.right - bounds.left;
  const rows = bounds.bottom - bounds.top;
  if (length <= 0 || rows <= 0) return;
  const between = { data: new Float32Array(length * rows), width: length, height: rows };
  const padded = new Float32Array(length + 2 * radius);
  for (let y = 0; y < rows; y++) {
    for (let x = -radius; x < length + radius; x++) {
      const column = Math.min(width - 1, Math.max(0, bounds.left + x));
      padded[x + radius] = data[(bounds.top + y) * width + column]!;
    }
    const line = { data: padded, width: padded.length, height: 1 };
    for (let tap = 0; tap < weights.length; tap++) {
      accumulate(between.data, y * length, line, tap, { length, weight: weights[tap]! });
    }
  }
  const row = new Float32Array(length);
  for (let y = 0; y < rows; y++) {
    row.fill(0);
    for (let tap = 0; tap < weights.length; tap++) {
      const from = Math.min(rows - 1, Math.max(0, y + tap - radius));
      accumulate(row, 0, between, from * length, { length, weight: weights[tap]! });
    }
    data.set(row, (bounds.top + y) * width + bounds.left);
  }
}

/** The smear of a movement of `lengthPx` in one direction while the shutter was open. */
export function smear(light: Light, lengthPx: number, angle: number, bounds: Bounds): Light {
  if (lengthPx < 0.5) return light;
  const taps = Math.ceil(lengthPx) + 1;
  const out = Float32Array.from(light.data);
  for (let y = bounds.top; y < bounds.bottom; y++) {
    out.fill(0, y * light.width + bounds.left, y * light.width + bounds.right);
  }
  for (let tap = 0; tap < taps; tap++) {
    const along = (tap / (taps - 1) - 0.5) * lengthPx;
    const shift = { dx: along * Math.cos(angle), dy: along * Math.sin(angle) };
    addShifted(out, light, shift, { weight: 1 / taps, bounds });
  }
  return { data: out, width: light.width, height: light.height };
}

function addShifted(
  out: Float32Array,
  light: Light,
  shift: { dx: number; dy: number },
  part: { weight: number; bounds: Bounds },
): void {
  const { data, width, height } = light;
  const { weight, bounds } = part;
  const x0 = Math.floor(shift.dx);
  const y0 = Math.floor(shift.dy);
  const fx = shift.dx - x0;
  const fy = shift.dy - y0;
  const w00 = weight * (1 - fx) * (1 - fy);
  const w10 = weight * fx * (1 - fy);
  const w01 = weight * (1 - fx) * fy;
  const w11 = weight * fx * fy;
  // Columns that would reach over the border read the nearest run that fits.
  const first = Math.max(bounds.left, -x0);
  const last = Math.min(bounds.right, width - 1 - x0);
  for (let y = bounds.top; y < bounds.bottom; y++) {
    const top = Math.min(height - 1, Math.max(0, y + y0)) * width + x0;
    const bottom = Math.min(height - 1, Math.max(0, y + y0 + 1)) * width + x0;
    const row = y * width;
    for (let x = first; x < last; x++) {
      out[row + x] =
        out[row + x]! +
        w00 * data[top + x]! +
        w10 * data[top + x + 1]! +
        w01 * data[bottom + x]! +
        w11 * data[bottom + x + 1]!;
    }
    for (let x = bounds.left; x < first; x++)
      out[row + x] = out[row + x]! + weight * data[row + x]!;
    for (let x = last; x < bounds.right; x++)
      out[row + x] = out[row + x]! + weight * data[row + x]!;
  }
}
