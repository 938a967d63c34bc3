import type { TortureResult } from '@foyer/simulators';
import type { Command } from 'commander';
import { z } from 'zod';

import { listenForInterruption } from '../interruption.ts';
import { createOutput } from '../output.ts';

const optionsSchema = z.object({
  minutes: z.coerce.number().min(0.1).max(1440),
  seed: z.coerce.number().int().min(0).max(0x7fff_ffff),
  gates: z.coerce.number().int().min(3).max(12),
  only: z.array(z.string()),
  dir: z.string().min(1).optional(),
});

function asText(result: TortureResult): string {
  const rows: [string, string][] = [
    [
      'Scans',
      `${result.scans}: ${result.greens} green, ${result.reds} red, ${result.ambers} amber`,
    ],
    ['Killed', `${result.kills} times; ${result.errors} requests failed and were sent again`],
    ['Lost', String(result.lost)],
    ['Doubles', `${result.doubles}, of which ${result.doublesUnreported} were not reported`],
    ['Stuck', [result.stuck, ...result.stuckAt.slice(0, 5)].join('\n              ')],
    ['Skipped', result.skipped.length === 0 ? 'nothing' : result.skipped.join('; ')],
    ['Violations', String(result.violations.length)],
  ];
  const found = result.violations.map(({ law, detail }) => `  ${law}: ${detail}`);
  return [...rows.map(([name, value]) => `${name.padEnd(14)}${value}`), ...found].join('\n');
}

async function torture(flags: { readonly json?: boolean }): Promise<void> {
  const output = createOutput(flags);
  const parsed = optionsSchema.safeParse(flags);
  if (!parsed.success) {
    const { FoyerError } = await import('@foyer/contracts');
    const wrong = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
    throw new FoyerError('bad-request', `${wrong.join('; ')}.`, {
      whatToDo: 'Run `foyer torture --help` for the options.',
    });
  }
  const { isSound, runTorture } = await import('@foyer/simulators');
  const interruption = listenForInterruption(() => {
    output.progress('Ending every process.');
  });
  try {
    const { signal } = interruption;
    const progress = (line: string): void => output.progress(line);
    const result = await runTorture({ ...parsed.data, signal, progress });
    output.result(result, asText(result));
    process.exitCode = isSound(result) ? 0 : 1;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    interruption.forget();
  }
}

const collect = (value: string, list: readonly string[]): string[] => [
  ...list,
  ...value.split(','),
];

/**
 * `foyer torture`: a theatre of real processes under real faults, checked by the checkers of the
 * simulation. The exit code is 1 when anything was lost, admitted twice unnoticed, or stuck.
 */
export function registerTorture(program: Command): void {
  program
    .command('torture')
    .description('kill, cut, fill and starve a theatre of real processes, and check what is left')
    .option('--minutes <number>', 'time for faults; starting and draining come on top', '5')
    .option('--seed <number>', 'of guests and faults', '1')
    .option('--gates <number>', 'how many gates, 3 to 12', '4')
    .option('--only <name>', 'one kind of fault; may be repeated', collect, [])
    .option('--dir <directory>', 'keep databases and logs here instead of a temporary directory')
    .option('--json', 'print the result as one JSON object on the last line')
    .action(torture);
}
