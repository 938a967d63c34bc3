/**
 * A picture as brightness alone: one byte a pixel, 0 black to 255 white, row by row, no padding.
 */
export interface Luminance {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
