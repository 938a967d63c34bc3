/** Columns and rows of the grid of luminances that a picture is known by. */
export const gridColumns = 16;
export const gridRows = 9;
const cellPx = 10;
/** A picture is drawn to this size, and each cell is the mean of its pixels. */
export const drawnWidthPx = gridColumns * cellPx;
export const drawnHeightPx = gridRows * cellPx;

/** Luminances 0 to 255, row by row from the top left. */
export type Grid = readonly number[];

/** Of RGBA bytes of `drawnWidthPx` x `drawnHeightPx`: Rec. 709 luma of sRGB values. */
export function gridOf(rgba: Uint8ClampedArray): Grid {
  const sums = Array.from({ length: gridColumns * gridRows }, () => 0);
  for (let y = 0; y < drawnHeightPx; y += 1) {
    for (let x = 0; x < drawnWidthPx; x += 1) {
      const at = (y * drawnWidthPx + x) * 4;
      const [red = 0, green = 0, blue = 0] = [rgba[at], rgba[at + 1], rgba[at + 2]];
      const cell = Math.floor(y / cellPx) * gridColumns + Math.floor(x / cellPx);
      sums[cell] = (sums[cell] ?? 0) + 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    }
  }
  return sums.map((sum) => Math.round(sum / (cellPx * cellPx)));
}

/** A `thumbprint`: two hex digits a cell. */
export function parseThumbprint(hex: string): Grid {
  return Array.from({ length: gridColumns * gridRows }, (_, cell) =>
    Number.parseInt(hex.slice(cell * 2, cell * 2 + 2), 16),
  );
}

/** Scaling, another decoder and colour profiles move a cell by a few steps. */
const cellTolerance = 26;
const meanTolerance = 9;

/** Whether both are the same picture, as far as 16 x 9 luminances can tell. */
export function sameGrid(seen: Grid, meant: Grid): boolean {
  let sum = 0;
  let far = 0;
  for (const [cell, value] of seen.entries()) {
    const off = Math.abs(value - (meant[cell] ?? 0));
    sum += off;
    if (off > cellTolerance) far += 1;
  }
  return sum / seen.length <= meanTolerance && far <= seen.length / 16;
}

/** Whether every cell is of one brightness: what a dead picture looks like. */
export function isUniform(grid: Grid): boolean {
  return Math.max(...grid) - Math.min(...grid) <= 3;
}

/** Whether two pictures differ enough for a console to want the new one. */
export function hasChanged(before: Grid | null, now: Grid): boolean {
  return before === null || now.some((value, cell) => Math.abs(value - (before[cell] ?? 0)) > 4);
}
