/** A point of a picture, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A code found in a picture. */
export interface Reading {
  /** What it says; undefined when it was found but could not be read. */
  readonly text: string | undefined;
  /** Corners from the top left, clockwise as the code is meant to be seen. */
  readonly corners: readonly [Point, Point, Point, Point];
}

const centre = ({ corners }: Reading): Point => ({
  x: corners.reduce((sum, corner) => sum + corner.x, 0) / 4,
  y: corners.reduce((sum, corner) => sum + corner.y, 0) / 4,
});

// Codes whose centres are within a row's height of each other stand side by side.
const rowHeightPx = 32;

/** The distinct texts, in reading order: by rows from the top, from left to right in a row. */
export function orderTexts(readings: readonly Reading[]): string[] {
  const placed = readings
    .filter((reading) => reading.text !== undefined && reading.text !== '')
    .map((reading) => ({ text: reading.text ?? '', at: centre(reading) }))
    .toSorted((a, b) => {
      const rows = Math.floor(a.at.y / rowHeightPx) - Math.floor(b.at.y / rowHeightPx);
      return rows === 0 ? a.at.x - b.at.x : rows;
    });
  return [...new Set(placed.map(({ text }) => text))];
}
