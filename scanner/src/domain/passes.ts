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
}

/**
 * The order is what `foyer bench decode` showed to pay: the cheapest that reads the easy ones, then
 * those that find what the ones before them did not, by frames gained for their time. Consecutive
 * frames are not put together: what a pass finds is nearly always read from that frame alone, and
 * what it does not find cannot be laid over another; of guests who hold still for six frames it
 * read none more.
 */
const firstPasses: readonly Pass[] = [
  { name: 'histogram', preparation: 'none', options: histogramOptions },
  { name: 'quick', preparation: 'none', options: quickOptions },
];
const halfPasses: readonly Pass[] = [
  { name: 'half-histogram', preparation: 'half', options: histogramOptions },
  {
    name: 'half-sharp',
    preparation: 'half-sharp-threshold',
    options: blackAndWhiteOptions,
  },
];
const slowPasses: readonly Pass[] = [
  { name: 'sharp', preparation: 'sharp-threshold', options: blackAndWhiteOptions },
  { name: 'threshold', preparation: 'threshold', options: blackAndWhiteOptions },
  { name: 'half', preparation: 'half-threshold', options: blackAndWhiteOptions },
  { name: 'double', preparation: 'double', options: quickOptions },
];
const fullPass: Pass = { name: 'full', preparation: 'none', options: fullOptions };

/**
 * How much a picture deserves.
 * `live`: one of many frames of a camera. It ends with the first text; without one, the slow passes
 * take turns from frame to frame. `single`: somebody waits for this one; all passes until a text.
 * `thorough`: every code in the picture is wanted.
 */
export type Effort = 'live' | 'single' | 'thorough';

/** Time after which no further pass is begun, in milliseconds. */
export const budgetMs: Readonly<Record<Effort, number>> = {
  live: 100,
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
  /** Whether a code was found that could not be read. */
  readonly found: boolean;
  /** The camera's count of frames: decides whose turn it is. */
  readonly turn: number;
}

// Where no pass found so much as a finder pattern there is most likely no phone: a camera that sees
// an empty foyer all evening makes its slow pass over one frame in this many.
const framesPerSlowPass = 3;

function planOf({ effort, turn, found }: Progress): readonly Pass[] {
  if (effort === 'thorough') return [...firstPasses, fullPass, ...halfPasses, ...slowPasses];
  if (effort === 'single') return [...firstPasses, ...halfPasses, ...slowPasses, fullPass];
  const quickPasses = [...firstPasses, ...halfPasses];
  if (!found && turn % framesPerSlowPass !== 0) return quickPasses;
  const whose = found ? turn : Math.floor(turn / framesPerSlowPass);
  return [...quickPasses, slowPasses[whose % slowPasses.length]!];
}

/** The next pass over a picture, or undefined when it is done. */
export function nextPass(progress: Progress): Pass | undefined {
  const { effort, made, elapsedMs, texts } = progress;
  // Every code is wanted: what reads the easy ones is not enough, what looks for hard ones is.
  const enough = effort === 'thorough' ? firstPasses.length + 1 : 0;
  if (texts > 0 && made >= enough) return undefined;
  if (made >= firstPasses.length && elapsedMs >= budgetMs[effort]) return undefined;
  return planOf(progress)[made];
}
