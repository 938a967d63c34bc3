import { conditions } from '@foyer/simulators';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { codeFrames, emptyFrames } from './decode/frames.ts';
import type { Sample } from './decode/frames.ts';
import { readSequences } from './decode/sequences.ts';
import type { SequenceSummary } from './decode/sequences.ts';
import { NativeReader } from './decode/native.ts';
import { round, Tally } from './decode/numbers.ts';
import type { DecoderSummary } from './decode/numbers.ts';
import { runBeside } from './decode/beside.ts';
import { contenders, startReader } from './decode/readers.ts';
import type { Contender } from './decode/readers.ts';

const optionsSchema = z.object({
  frames: z.coerce.number().int().min(1).max(100_000).default(1_000),
  empty: z.coerce.number().int().min(0).max(100_000).default(120),
  guests: z.coerce.number().int().min(0).max(10_000).default(78),
  seed: z.coerce.number().int().min(0).max(1_000_000).default(1),
  /** One decoder of this process alone. */
  only: z.string().optional(),
});

type Options = z.infer<typeof optionsSchema>;

const framesOfGuest = 6;
const warmUpFrames = 26;
const reportEvery = 100;

const timed =
  'CPU time (user and system) of decoding one frame from 8-bit luminance in memory, each decoder ' +
  'after the other on the same frame; jsQR, in a process beside, gets RGBA, made before it ' +
  'starts. zxingCpp: CPU ' +
  'time of a process that reads 16 PGM files of one condition, without its start, divided ' +
  'by 16, so its spread is ' +
  'over such batches. ours: as a gate runs it, bounded by its budget; oursSingle: every pass.';

interface Field {
  readonly decoders: readonly Contender[];
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly native: NativeReader | string;
}

async function tryFrame(field: Field, sample: Sample, turn: number): Promise<void> {
  const { condition, text, picture } = sample;
  for (const decoder of field.decoders) {
    const { texts, cpuMs } = decoder.measure(picture, turn);
    const tally = field.tallies[decoder.name];
    const wrong = texts.some((found) => found !== text);
    if (text === undefined) tally?.addEmpty(wrong, cpuMs);
    else tally?.addCode(condition, texts.includes(text), wrong, cpuMs);
  }
  if (typeof field.native !== 'string') await field.native.add(sample);
}

async function tryAll(field: Field, options: Options, output: Output) {
  // The first frames compile the decoders; they are not counted.
  for (const { picture } of codeFrames(warmUpFrames, options.seed + 1)) {
    for (const decoder of field.decoders) decoder.measure(picture, 0);
  }
  let frames = 0;
  for (const sample of codeFrames(options.frames, options.seed)) {
    await tryFrame(field, sample, frames);
    frames += 1;
    if (frames % reportEvery === 0) output.progress(`${frames} frames of ${options.frames}`);
  }
  let empty = 0;
  for (const sample of emptyFrames(options.empty, options.seed)) {
    await tryFrame(field, sample, empty);
    empty += 1;
  }
  if (typeof field.native !== 'string') await field.native.flush();
  return { frames, empty };
}

// jsQR takes longer than all the others together, so it runs beside them, in a process of its own:
// the seed gives it the same frames.
const besideName = 'jsqr';

const summaries = (field: Field): Record<string, DecoderSummary> =>
  Object.fromEntries(Object.entries(field.tallies).map(([name, tally]) => [name, tally.summary()]));

async function runHere(options: Options, output: Output) {
  const reader = await startReader();
  const isHere = (name: string): boolean =>
    options.only === undefined ? name !== besideName : name === options.only;
  const decoders = contenders(reader).filter(({ name }) => isHere(name));
  const tallies = Object.fromEntries(decoders.map(({ name }) => [name, new Tally()]));
  const native =
    options.only === undefined ? await NativeReader.start() : 'Only one was asked for.';
  const field: Field = { decoders, tallies, native };
  try {
    const counts = await tryAll(field, options, output);
    const zxingCpp = typeof native === 'string' ? null : native.tally.summary();
    const missing = typeof native === 'string' ? native : null;
    return { counts, reader, decoders: { ...summaries(field), zxingCpp }, missing };
  } finally {
    if (typeof native !== 'string') await native.close();
  }
}

/**
 * `foyer bench decode`: ours beside ZXing's one pass, jsQR and ZXing's native command on the same
 * rendered gate frames. `--seed` and `--frames` decide the frames; times are of this machine.
 */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = optionsSchema.parse(given);
  const startMs = performance.now();
  const beside = options.only === undefined ? runBeside(besideName, options) : undefined;
  try {
    const { counts, reader, decoders, missing } = await runHere(options, output);
    if (beside === undefined) return { ...counts, seed: options.seed, decoders };
    output.progress(`Sequences of ${framesOfGuest} frames`);
    const guestsEach = Math.ceil(options.guests / conditions.length);
    const sequences = readSequences(reader, guestsEach, framesOfGuest, options.seed);
    output.progress(`Waiting for ${besideName}`);
    const other = await beside.summary;
    const all = { ...decoders, [besideName]: typeof other === 'string' ? null : other };
    if (!output.json) printTable(all, sequences, output);
    return {
      ...counts,
      seed: options.seed,
      conditions,
      decoders: all,
      missing: { zxingCpp: missing, [besideName]: typeof other === 'string' ? other : null },
      sequences,
      timed,
      seconds: round((performance.now() - startMs) / 1000, 1),
    };
  } finally {
    beside?.stop();
  }
}

const percent = (rate: number | undefined): string =>
  rate === undefined ? '-' : `${(100 * rate).toFixed(1)} %`;

function printTable(
  decoders: Readonly<Record<string, DecoderSummary | null>>,
  sequences: SequenceSummary,
  output: Output,
): void {
  const shown = Object.entries(decoders).flatMap(([name, summary]) =>
    summary === null ? [] : [{ name, summary }],
  );
  const row = (label: string, cells: readonly string[]): void =>
    output.line(label.padEnd(16) + cells.map((cell) => cell.padStart(14)).join(''));
  const each = (pick: (summary: DecoderSummary) => string): string[] =>
    shown.map(({ summary }) => pick(summary));
  row(
    '',
    shown.map(({ name }) => name),
  );
  for (const condition of conditions) {
    row(
      condition,
      each((summary) => percent(summary.rateByCondition[condition])),
    );
  }
  row(
    'all',
    each((summary) => percent(summary.rate)),
  );
  row(
    'false reads',
    each((summary) => String(summary.falseReads)),
  );
  row(
    'ms p50',
    each((summary) => String(summary.cpuMsWithCode?.p50 ?? '-')),
  );
  row(
    'ms p95',
    each((summary) => String(summary.cpuMsWithCode?.p95 ?? '-')),
  );
  row(
    'ms p50, no code',
    each((summary) => String(summary.cpuMsWithoutCode?.p50 ?? '-')),
  );
  row(
    'ms p95, no code',
    each((summary) => String(summary.cpuMsWithoutCode?.p95 ?? '-')),
  );
  const { framesEach, zxingWasm, ours } = sequences;
  output.line(
    `guests read within ${framesEach} frames: ZXing ${percent(zxingWasm)}, ours ${percent(ours)}`,
  );
}
