/** How one pass reads a picture. */
export interface ReadOptions {
  readonly binarizer: 'local-average' | 'global-histogram' | 'fixed';
  readonly invert: boolean;
  readonly downscale: boolean;
  readonly denoise: boolean;
  readonly rotate: boolean;
  /** The picture is a code and nothing else, upright. */
  readonly pure: boolean;
  /** Also report codes that were found and could not be read. */
  readonly reportUnreadable: boolean;
}

/** One quick look: reads nearly all that is easy in a fraction of a full search. */
export const quickOptions: ReadOptions = {
  binarizer: 'local-average',
  invert: true,
  downscale: false,
  denoise: false,
  rotate: false,
  pure: false,
  reportUnreadable: false,
};

/** ZXing with everything that it offers, in one pass: what others compare with. */
export const fullOptions: ReadOptions = {
  ...quickOptions,
  downscale: true,
  denoise: true,
  rotate: true,
};
