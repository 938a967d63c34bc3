import { readFile } from 'node:fs/promises';

import type { FuzzResult, TargetCounts } from '@foyer/simulators';
import type { Command } from 'commander';

import { createOutput, type Output } from '../output.ts';

interface FuzzFlags {
  readonly seconds: string;
  readonly seed?: string;
  readonly target: readonly string[];
  readonly input: readonly string[];
  readonly guided: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

async function numberOf(text: string, name: string, from: number, to: number): Promise<number> {
  const value = Number(text);
  if (Number.isFinite(value) && value >= from && value <= to) return value;
  const { FoyerError } = await import('@foyer/contracts');
  throw new FoyerError('bad-request', `${name} is "${text}".`, {
    whatToDo: `Give a number from ${from} to ${to}.`,
  });
}

const heading: readonly string[] = ['target', 'inputs', 'crashes', 'hangs', 'blocks', 'kept'];
const widths = [16, 10, 9, 7, 8, 6];

function row(cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell));
  return texts
    .map((text, at) => (at === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[at] ?? 0)))
    .join(' ');
}

function countsRow(name: string, counts: TargetCounts): string {
  const { inputs, crashes, hangs, edges, corpus } = counts;
  return row([name, inputs, crashes, hangs, edges, corpus]);
}

/** One line a target: redrawn on a terminal, said once it is done elsewhere. */
function progressTable(output: Output) {
  const terminal = process.stderr.isTTY && !output.json;
  const lines = new Map<string, string>();
  let drawn = 0;
  return (name: string, counts: TargetCounts, state: 'runs' | 'done'): void => {
    const line = `${countsRow(name, counts)}${state === 'runs' ? '  ...' : ''}`;
    if (!terminal) {
      if (lines.size === 0 && state === 'done') output.progress(row(heading));
      if (state === 'done') {
        lines.set(name, line);
        output.progress(line);
      }
      return;
    }
    lines.set(name, line);
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    const text = [row(heading), ...lines.values()].map((one) => `\u001b[2K${one}\n`).join('');
    process.stderr.write(up + text);
    drawn = lines.size + 1;
  };
}

function asText(result: FuzzResult): string {
  const { seconds, targets, inputs, crashes, hangs, seed } = result;
  const rows = Object.entries(targets).map(([name, counts]) => countsRow(name, counts));
  const found = `${crashes} crashes, ${hangs} hangs`;
  const total = `${inputs.toLocaleString('en')} inputs in ${seconds} s: ${found}. Seed ${seed}.`;
  return [row(heading), ...rows, '', total].join('\n');
}

function tellFindings(result: FuzzResult, output: Output): void {
  for (const [name, { found }] of Object.entries(result.targets)) {
    for (const { kind, detail, replay } of found) {
      output.progress(`\n${name}: ${kind}\n${detail}\nAgain: ${replay}`);
    }
  }
}

async function replay(target: string, files: readonly string[], output: Output): Promise<void> {
  const { replayFuzz } = await import('@foyer/simulators');
  const inputs = await Promise.all(files.map((file) => readFile(file)));
  const outcome = await replayFuzz(target, inputs);
  const text =
    outcome.kind === 'fine'
      ? 'It was taken as it must be.'
      : `${outcome.kind}: ${outcome.signature}\n${outcome.detail}`;
  output.result({ target, outcome: outcome.kind, ...outcome }, text);
  process.exitCode = outcome.kind === 'fine' ? 0 : 1;
}

async function fuzz(flags: FuzzFlags): Promise<void> {
  const output = createOutput(flags);
  const { runFuzz, describeTargets } = await import('@foyer/simulators');
  if (flags.list === true) {
    const targets = await describeTargets();
    const lines = targets.map(({ name, takes }) => `${name.padEnd(17)}${takes}`);
    output.result({ targets }, lines.join('\n'));
    return;
  }
  const [target] = flags.target;
  if (flags.input.length > 0) {
    if (target === undefined || flags.target.length > 1) {
      const { FoyerError } = await import('@foyer/contracts');
      throw new FoyerError('bad-request', '--input needs one --target.', {
        whatToDo: 'Name the target that the input is for.',
      });
    }
    await replay(target, flags.input, output);
    return;
  }
  const drawn = flags.seed ?? String(Math.floor(Math.random() * 0x7fff_ffff));
  const result = await runFuzz({
    seconds: await numberOf(flags.seconds, '--seconds', 1, 86_400),
    seed: Math.floor(await numberOf(drawn, '--seed', 0, 0x7fff_ffff)),
    targets: flags.target,
    guided: flags.guided,
    onTarget: progressTable(output),
  });
  tellFindings(result, output);
  output.result(result, asText(result));
  process.exitCode = result.crashes + result.hangs > 0 ? 1 : 0;
}

const collect = (value: string, list: readonly string[]): string[] => [...list, value];

/**
 * `foyer fuzz`: feeds every parser of bytes from outside with what it does not expect. The exit
 * code is 1 when one crashed, hung or took too much memory.
 */
export function registerFuzz(program: Command): void {
  program
    .command('fuzz')
    .description('feed every parser of bytes from outside with what it does not expect')
    .option('--seconds <number>', 'of all targets together', '60')
    .option('--seed <number>', 'the same seed makes the same inputs; drawn and told without it')
    .option('--target <name>', 'this target only; may be repeated', collect, [])
    .option('--input <file>', 'run this input once more; may be repeated', collect, [])
    .option('--no-guided', 'do not follow coverage, to see what it is worth')
    .option('--list', 'name the targets and what they take')
    .option('--json', 'print the result as one JSON object on the last line')
    .action(fuzz);
}
