import { execFile } from 'node:child_process';

import { z } from 'zod';

import type { DecoderSummary } from './numbers.ts';

const spreadSchema = z.object({ p50: z.number(), p95: z.number() }).nullable();

const resultSchema = z.object({
  decoders: z.record(
    z.string(),
    z
      .object({
        rate: z.number(),
        rateByCondition: z.record(z.string(), z.number()),
        falseReads: z.number(),
        cpuMsWithCode: spreadSchema,
        cpuMsWithoutCode: spreadSchema,
      })
      .nullable(),
  ),
});

/** A decoder that is measured by another process. */
export interface Beside {
  /** Its numbers, or the sentence why there are none. */
  readonly summary: Promise<DecoderSummary | string>;
  /** Ends the process if it still runs. */
  stop(): void;
}

const maxOutputBytes = 4_000_000;

/** Runs this very command again for one decoder, with the same frames. */
export function runBeside(
  name: string,
  options: { readonly frames: number; readonly empty: number; readonly seed: number },
): Beside {
  const { frames, empty, seed } = options;
  const flags = { only: name, frames, empty, seed, guests: 0 };
  const given = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const command = [process.argv[1] ?? '', 'bench', 'decode', '--json', ...given];
  let stop = (): void => {};
  const summary = new Promise<DecoderSummary | string>((resolve) => {
    const child = execFile(
      process.execPath,
      command,
      { maxBuffer: maxOutputBytes },
      (error, stdout) =>
        resolve(
          error === null
            ? parse(name, stdout)
            : `The process beside failed (${error.code ?? error.signal}).`,
        ),
    );
    stop = () => child.kill();
  });
  return { summary, stop };
}

function parse(name: string, stdout: string): DecoderSummary | string {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const result = resultSchema.parse(JSON.parse(last));
  return result.decoders[name] ?? `The process beside said nothing of ${name}.`;
}
