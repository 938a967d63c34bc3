import type { Condition } from '../../camera/index.ts';
import type { Uniform } from '../../camera/random.ts';

/** What a guest is up to. Most simply have a ticket; some try what people try. */
export const intents = [
  'honest',
  'family-code',
  'wrong-gate',
  'shared-screenshot',
  'second-try',
  'yesterday',
  'too-early',
  'cancelled',
  'forged',
  'random-code',
] as const;

/** One of `intents`. */
export type Intent = (typeof intents)[number];

const intentWeights: Readonly<Record<Intent, number>> = {
  honest: 68,
  'family-code': 3,
  'wrong-gate': 6,
  'shared-screenshot': 8,
  'second-try': 2,
  yesterday: 3,
  'too-early': 3,
  cancelled: 2,
  forged: 2,
  'random-code': 3,
};

// How phones are held: most well enough.
const conditionWeights: Readonly<Record<Condition, number>> = {
  clean: 44,
  rotated: 10,
  tilted: 5,
  far: 4,
  blurred: 4,
  motion: 5,
  glare: 6,
  noisy: 3,
  'low-light': 3,
  'dark-mode': 10,
  cracked: 2,
  'dim-screen': 2,
  overexposed: 2,
};

function draw<T extends string>(
  weights: Readonly<Record<T, number>>,
  otherwise: T,
  uniform: Uniform,
): T {
  const entries = Object.entries(weights) as [T, number][];
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
  let left = uniform() * sum;
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return otherwise;
}

/** What the next guest is up to. */
export const drawIntent = (uniform: Uniform): Intent => draw(intentWeights, 'honest', uniform);

/** How the next phone is held. */
export const drawCondition = (uniform: Uniform): Condition =>
  draw(conditionWeights, 'clean', uniform);
