import type { UpResult } from '@foyer/simulators';
import type { Command } from 'commander';

import { listenForInterruption } from '../interruption.ts';
import { createOutput } from '../output.ts';

interface UpFlags {
  readonly for?: string;
  readonly gates: string;
  readonly boxes: string;
  readonly greengrass?: boolean;
  readonly nucleus: string;
  readonly fault: readonly string[];
  readonly seed: string;
  readonly demand?: string;
  readonly dir?: string;
  readonly consolePort: string;
  readonly json?: boolean;
}

const mostGates = 12;
/** The seeded theatre has screens for two. */
const mostBoxes = 2;

async function wholeNumber(text: string, name: string, from: number, to: number): Promise<number> {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  const { FoyerError } = await import('@foyer/contracts');
  throw new FoyerError('bad-request', `${name} is "${text}".`, {
    whatToDo: `Give a whole number from ${from} to ${to}.`,
  });
}

async function demandOf(text: string): Promise<number> {
  const value = Number(text);
  if (value >= 0.01 && value <= 50) return value;
  const { FoyerError } = await import('@foyer/contracts');
  throw new FoyerError('bad-request', `--demand is "${text}".`, {
    whatToDo: 'Give parties a second, from 0.01 to 50.',
  });
}

async function nucleusOf(text: string): Promise<'classic' | 'lite'> {
  if (text === 'classic' || text === 'lite') return text;
  const { FoyerError } = await import('@foyer/contracts');
  throw new FoyerError('bad-request', `--nucleus is "${text}".`, {
    whatToDo: 'Give classic or lite.',
  });
}

function screensText({ plays, playsInCloud, blankMs }: UpResult['summary']): string {
  if (plays === null) return 'not shown here';
  return `${plays} plays, ${playsInCloud} in the cloud; ${blankMs} ms blank`;
}

function asText({ summary, converged }: UpResult, interrupted: boolean): string {
  const rows: [string, string][] = [
    ['Scans', `${summary.scans} (and ${summary.ignored} ignored)`],
    ['Green', `${summary.greens} (${summary.degraded} degraded)`],
    ['Amber', String(summary.ambers)],
    ['Red', String(summary.reds)],
    ['Doubles', `${summary.doubles} (${summary.reportedDoubles} reported)`],
    ['In the cloud', `${summary.cloudAdmissions} admissions, ${summary.lost} lost`],
    ['Verdict', `${summary.verdictP50Ms} ms half of the time, ${summary.verdictP99Ms} ms p99`],
    ['Screens', screensText(summary)],
    ['Drained', converged ? `in ${summary.convergedMs} ms` : interrupted ? 'not waited for' : 'no'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n');
}

async function up(flags: UpFlags): Promise<void> {
  const output = createOutput(flags);
  const { parseDuration, parseFaults, runTheatre } = await import('@foyer/simulators');
  const gates = await wholeNumber(flags.gates, '--gates', 1, mostGates);
  const boxes = await wholeNumber(flags.boxes, '--boxes', 0, mostBoxes);
  const loadMs = flags.for === undefined ? undefined : parseDuration(flags.for);
  const options = {
    gates,
    loadMs,
    seed: await wholeNumber(flags.seed, '--seed', 0, 0x7fff_ffff),
    boxes,
    nucleus: flags.greengrass === true ? await nucleusOf(flags.nucleus) : undefined,
    faults: parseFaults(flags.fault, { gates, boxes, greengrass: flags.greengrass }, loadMs),
    demandPerS: flags.demand === undefined ? undefined : await demandOf(flags.demand),
    dir: flags.dir,
    consolePort: await wholeNumber(flags.consolePort, '--console-port', 0, 65_535),
    progress: (line: string): void => {
      if (output.json) output.progress(line);
      else output.line(line);
    },
  };
  const interruption = listenForInterruption(() => output.progress('Closing the theatre.'));
  try {
    const result = await runTheatre({ ...options, signal: interruption.signal });
    for (const violation of result.violations) output.progress(`Violation: ${violation}`);
    output.result(result.summary, asText(result, interruption.signal.aborted));
    // A run without an end that was asked to end has nothing to prove.
    const excused = loadMs === undefined && interruption.signal.aborted;
    process.exitCode = result.converged || excused ? 0 : 1;
  } finally {
    interruption.forget();
  }
}

const collect = (value: string, list: readonly string[]): string[] => [...list, value];

/**
 * `foyer up`: a whole theatre on this machine, as real processes, with simulated guests and a
 * console page. With `--for` it ends by itself; the exit code is 1 when its queues did not drain.
 */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description('bring up a whole theatre with simulated guests, and a page that shows it')
    .option('--for <time>', 'time under load, as 60s or 5m; without it until Ctrl-C')
    .option('--gates <number>', 'how many gates, 1 to 12', '4')
    .option('--boxes <number>', 'how many display boxes of three screens each, 0 to 2', '2')
    .option(
      '--fault <name@start..end>',
      'break wan, theatre, broker, cloud, gate-2, player-1, lan:gate-2 or nucleus; repeatable',
      collect,
      [],
    )
    .option('--greengrass', 'run the built components, under a stand-in for a nucleus a box')
    .option('--nucleus <kind>', 'which nucleus is stood in for: classic or lite', 'lite')
    .option('--seed <number>', 'of the world and its guests', '1')
    .option('--demand <number>', 'parties of guests a second; follows the gates by default')
    .option('--dir <directory>', 'keep databases and logs here instead of a temporary directory')
    .option('--console-port <port>', 'port of the console page; 0 takes a free one', '0')
    .option('--json', 'print the summary as one JSON object on the last line')
    .action(up);
}
