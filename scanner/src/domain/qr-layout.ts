/**
 * A QR code's fixed modules: 1 dark, -1 light, 0 unknown (data, format and version information).
 */
export interface QrLayout {
  /** Modules along a side. */
  readonly size: number;
  readonly known: Int8Array;
  /** Indices of the modules that are known. */
  readonly fixed: Uint16Array;
}

const layouts = new Map<number, QrLayout>();

/** Modules along a side of each version. */
export const sizeOfVersion = (version: number): number => 17 + 4 * version;

/** The fixed modules of a version, 1..40 (ISO/IEC 18004: finder, timing and alignment patterns). */
export function layoutOf(version: number): QrLayout {
  const known = layouts.get(version);
  if (known !== undefined) return known;
  const layout = draw(version);
  layouts.set(version, layout);
  return layout;
}

function alignmentCentres(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const last = sizeOfVersion(version) - 7;
  const centres = Array.from({ length: count - 1 }, (_, index) => last - index * step);
  return [...centres, 6];
}

function draw(version: number): QrLayout {
  const size = sizeOfVersion(version);
  const known = new Int8Array(size * size);
  for (let index = 8; index < size - 8; index++) {
    const value = index % 2 === 0 ? 1 : -1;
    known[6 * size + index] = value;
    known[index * size + 6] = value;
  }
  const centres = alignmentCentres(version);
  for (const row of centres) {
    for (const column of centres) {
      const atFinder = (row === 6 || row > size - 9) && (column === 6 || column > size - 9);
      if (atFinder && !(row > size - 9 && column > size - 9)) continue;
      drawRings(known, size, { row, column, reach: 2 });
    }
  }
  drawRings(known, size, { row: 3, column: 3, reach: 4 });
  drawRings(known, size, { row: 3, column: size - 4, reach: 4 });
  drawRings(known, size, { row: size - 4, column: 3, reach: 4 });
  known[(size - 8) * size + 8] = 1;
  const fixed = Uint16Array.from(known.keys()).filter((index) => known[index] !== 0);
  return { size, known, fixed };
}

interface Rings {
  readonly row: number;
  readonly column: number;
  /** 4 for a finder with its separator, 2 for an alignment pattern. */
  readonly reach: 2 | 4;
}

function drawRings(known: Int8Array, size: number, rings: Rings): void {
  for (let dy = -rings.reach; dy <= rings.reach; dy++) {
    for (let dx = -rings.reach; dx <= rings.reach; dx++) {
      const row = rings.row + dy;
      const column = rings.column + dx;
      if (row < 0 || column < 0 || row >= size || column >= size) continue;
      const away = Math.max(Math.abs(dx), Math.abs(dy));
      const light = rings.reach === 4 ? away === 2 || away === 4 : away === 1;
      known[row * size + column] = light ? -1 : 1;
    }
  }
}
