import { ticketCodePrefix, toBase45 } from '@foyer/contracts';
import { conditions, renderFrame, renderRoom, renderSequence } from '@foyer/simulators';
import type { Condition } from '@foyer/simulators';
import type { Luminance } from '@foyer/scanner';

/** One picture to read. Without a text there is no code in it. */
export interface Sample {
  readonly condition: Condition | 'empty';
  readonly text: string | undefined;
  readonly picture: Luminance;
}

/** One guest's phone over a moment. */
export interface SequenceSample {
  readonly condition: Condition;
  readonly text: string;
  readonly pictures: readonly Luminance[];
}

const signedBytes = 78;
const seedStride = 1_000_003;

// A text of a ticket's length and alphabet: the decoders do not check signatures.
function ticketText(seed: number): string {
  let state = (seed * 2_654_435_761) >>> 0;
  const bytes = Uint8Array.from({ length: signedBytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  return ticketCodePrefix + toBase45(bytes);
}

/** At least `count` frames with a code, the conditions in turn. The same seed, the same pixels. */
export function* codeFrames(count: number, seed: number): Generator<Sample> {
  const each = Math.ceil(count / conditions.length);
  for (const [place, condition] of conditions.entries()) {
    for (let index = 0; index < each; index++) {
      const frameSeed = seed * seedStride + place * 10_007 + index;
      const text = ticketText(frameSeed);
      yield { condition, text, picture: renderFrame({ text, condition, seed: frameSeed }) };
    }
  }
}

/** Frames without a code: the empty room, and phones that show something else. */
export function* emptyFrames(count: number, seed: number): Generator<Sample> {
  for (let index = 0; index < count; index++) {
    const frameSeed = seed * seedStride + 900_001 + index;
    const condition = conditions[index % conditions.length] ?? 'clean';
    const picture =
      index % 3 === 0 ? renderRoom(frameSeed) : renderFrame({ condition, seed: frameSeed });
    yield { condition: 'empty', text: undefined, picture };
  }
}

/** Guests who hold their phone for `frames` frames. */
export function* sequences(
  perCondition: number,
  frames: number,
  seed: number,
): Generator<SequenceSample> {
  for (const [place, condition] of conditions.entries()) {
    for (let index = 0; index < perCondition; index++) {
      const guestSeed = seed * seedStride + 500_009 + place * 10_007 + index;
      const text = ticketText(guestSeed);
      const pictures = renderSequence({ text, condition, seed: guestSeed, frames });
      yield { condition, text, pictures };
    }
  }
}
