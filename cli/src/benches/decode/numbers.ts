import { percentile } from '@foyer/simulators';

/** Milliseconds at the middle and near the end of a set of measurements. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** Two digits are what a shared machine can tell. */
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** The median and the 95th percentile (nearest rank); null for no measurements. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { p50: round(percentile(values, 0.5)), p95: round(percentile(values, 0.95)) };
}

/** How often one decoder was right under each condition, and what it cost. */
export class Tally {
  readonly #byCondition = new Map<string, { frames: number; right: number }>();
  readonly #withCodeMs: number[] = [];
  readonly #withoutCodeMs: number[] = [];
  #falseReads = 0;

  /** @param cpuMs of this frame; undefined when it is not known by frame. */
  addCode(condition: string, right: boolean, wrong: boolean, cpuMs: number | undefined): void {
    const entry = this.#byCondition.get(condition) ?? { frames: 0, right: 0 };
    entry.frames += 1;
    if (right) entry.right += 1;
    this.#byCondition.set(condition, entry);
    if (wrong) this.#falseReads += 1;
    if (cpuMs !== undefined) this.#withCodeMs.push(cpuMs);
  }

  addEmpty(falseRead: boolean, cpuMs: number | undefined): void {
    if (falseRead) this.#falseReads += 1;
    if (cpuMs !== undefined) this.#withoutCodeMs.push(cpuMs);
  }

  summary(): DecoderSummary {
    const entries = [...this.#byCondition];
    const frames = entries.reduce((sum, [, entry]) => sum + entry.frames, 0);
    const right = entries.reduce((sum, [, entry]) => sum + entry.right, 0);
    return {
      rate: frames === 0 ? 0 : round(right / frames, 4),
      rateByCondition: Object.fromEntries(
        entries.map(([condition, entry]) => [condition, round(entry.right / entry.frames, 4)]),
      ),
      falseReads: this.#falseReads,
      cpuMsWithCode: spreadOf(this.#withCodeMs),
      cpuMsWithoutCode: spreadOf(this.#withoutCodeMs),
    };
  }
}

/** One decoder's line of the report. */
export interface DecoderSummary {
  readonly rate: number;
  readonly rateByCondition: Readonly<Record<string, number>>;
  /** Texts that are not in the frame. */
  readonly falseReads: number;
  readonly cpuMsWithCode: Spread | null;
  readonly cpuMsWithoutCode: Spread | null;
}
