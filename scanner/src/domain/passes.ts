/** How one pass reads a picture. */
export interface ReadOptions {
  readonly binarizer: 'local-average' | 'global-histogram' | 'fixed';
  readonly invert: boolean;
  readonly downscale: boolean;
  readonly denoise: boolean;
  readonly rotate: boolean;
  /** Also report codes that were found and could not be read. */
  readonly reportUnreadable: boolean;
}

/** One quick look by ZXing's local thresholds. */
export const quickOptions: ReadOptions = {
  binarizer: 'local-average',
  invert: true,
  downscale: false,
  denoise: false,
  rotate: false,
  reportUnreadable: true,
};

/** ZXing with everything that it offers, in one pass: what others compare with. */
export const fullOptions: ReadOptions = {
  ...quickOptions,
  downscale: true,
  denoise: true,
  rotate: true,
  reportUnreadable: false,
};

const histogramOptions: ReadOptions = { ...quickOptions, binarizer: 'global-histogram' };
const blackAndWhiteOptions: ReadOptions = { ...quickOptions, binarizer: 'fixed' };

/** What is done to the picture before a pass. */
export type Preparation =
  | 'none'
  | 'half'
  | 'threshold'
  | 'sharp-threshold'
  | 'half-threshold'
  | 'half-sharp-threshold'
  | 'double';

/** One way to look at a picture. */
export interface Pass {
  readonly name: string;
  readonly preparation: Preparation;
  readonly options: ReadOptions;
  /** Its time, as a multiple of the first two passes together (measured on 640x480 frames). */
  readonly cost: number;
}

/**
 * The order is what `foyer bench decode` showed to pay: the cheapest that reads the easy ones, then
 * those that find what the ones before them did not, by frames gained for their time.
 */
const firstPasses: readonly Pass[] = [
  { name: 'histogram', preparation: 'none', options: histogramOptions, cost: 0.3 },
  { name: 'quick', preparation: 'none', options: quickOptions, cost: 0.7 },
];
const halfPasses: readonly Pass[] = [
  { name: 'half-histogram', preparation: 'half', options: histogramOptions, cost: 0.2 },
  {
    name: 'half-sharp',
    preparation: 'half-sharp-threshold',
    options: blackAndWhiteOptions,
    cost: 0.7,
  },
];
const slowPasses: readonly Pass[] = [
  { name: 'sharp', preparation: 'sharp-threshold', options: blackAndWhiteOptions, cost: 2 },
  { name: 'threshold', preparation: 'threshold', options: blackAndWhiteOptions, cost: 1.3 },
  { name: 'half', preparation: 'half-threshold', options: blackAndWhiteOptions, cost: 0.5 },
  { name: 'double', preparation: 'double', options: quickOptions, cost: 3 },
];
const fullPass: Pass = { name: 'full', preparation: 'none', options: fullOptions, cost: 2 };

/**
 * How much a picture deserves.
 * `live`: one of many frames of a camera. It ends with the first text; without one, the slow passes
 * take turns from frame to frame. `single`: somebody waits for this one; all passes until a text.
 * `thorough`: every code in the picture is wanted.
 */
export type Effort = 'live' | 'single' | 'thorough';

/** Time after which no further pass is begun, in milliseconds. */
export const budgetMs: Readonly<Record<Effort, number>> = {
  live: 60,
  single: 500,
  thorough: 5_000,
};

/** What is known while a picture is being read. */
export interface Progress {
  readonly effort: Effort;
  /** Passes made. */
  readonly made: number;
  readonly elapsedMs: number;
  readonly texts: number;
  /** The camera's count of frames: decides whose turn it is. */
  readonly turn: number;
}

function planOf(effort: Effort, turn: number): readonly Pass[] {
  if (effort === 'thorough') return [...firstPasses, fullPass, ...halfPasses, ...slowPasses];
  if (effort === 'single') return [...firstPasses, ...halfPasses, ...slowPasses, fullPass];
  return [...firstPasses, ...halfPasses, slowPasses[turn % slowPasses.length]!];
}

/** The next pass over a picture, or undefined when it is done. */
export function nextPass(progress: Progress): Pass | undefined {
  const { effort, made, elapsedMs, texts, turn } = progress;
  // Every code is wanted: what reads the easy ones is not enough, what looks for hard ones is.
  const enough = effort === 'thorough' ? firstPasses.length + 1 : 0;
  if (texts > 0 && made >= enough) return undefined;
  if (made >= firstPasses.length && elapsedMs >= budgetMs[effort]) return undefined;
  return planOf(effort, turn)[made];
}
