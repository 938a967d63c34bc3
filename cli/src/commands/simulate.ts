import type {
  CampaignReport,
  MutantResult,
  MutantsReport,
  SeedFailure,
  SeedResult,
} from '@foyer/simulators';
import type { Command } from 'commander';

import { createOutput, type Output } from '../output.ts';

interface SimulateFlags {
  readonly seeds?: string;
  readonly seed?: string;
  readonly for?: string;
  readonly workers?: string;
  readonly faults?: string;
  readonly trace?: boolean;
  readonly shrink?: boolean;
  readonly mutants?: boolean;
  readonly mutant?: readonly string[];
  readonly json?: boolean;
}

/** A line of progress at most so often, ms. */
const progressEveryMs = 2000;
const largestSeed = Number.MAX_SAFE_INTEGER;

async function refuse(message: string, whatToDo: string): Promise<never> {
  const { FoyerError } = await import('@foyer/contracts');
  throw new FoyerError('bad-request', message, { whatToDo });
}

async function seedOf(text: string): Promise<number> {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= largestSeed) return seed;
  return refuse(`"${text}" is not a seed.`, 'Give a whole number, for example --seed 7.');
}

async function rangeOf(text: string): Promise<{ from: number; to: number }> {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && from <= to && to <= largestSeed) return { from, to };
  return refuse(`"${text}" is no range of seeds.`, 'Write it as --seeds 1..500.');
}

function progressOf(output: Output): (result: SeedResult, done: number) => void {
  let saidMs = performance.now();
  return (result, done) => {
    for (const { law, detail } of result.violations) {
      output.progress(`seed ${result.seed}: ${law}: ${detail.split('\n')[0]}`);
    }
    if (performance.now() - saidMs < progressEveryMs) return;
    saidMs = performance.now();
    output.progress(`${done} seeds`);
  };
}

const replays = (failures: readonly SeedFailure[]): string[] => [
  ...new Set(failures.map(({ replay }) => replay)),
];

function campaignText(report: CampaignReport): string {
  const rows: [string, string][] = [
    ['Seeds', `${report.seeds} in ${report.seconds} s on ${report.workers} cores`],
    ['Violations', String(report.violations)],
    ['Scans', `${report.scans}, ${report.greens} green, ${report.doubles} doubles`],
    ['Virtual time', `${report.virtualHours} h, ${report.timesRealTime} times real time a core`],
    ['One core', `${report.seedsPerCoreSecond} seeds a second`],
    ...replays(report.failures).map((line): [string, string] => ['Replay', line]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n');
}

async function campaign(flags: SimulateFlags, output: Output): Promise<void> {
  const { parseDuration, runCampaign } = await import('@foyer/simulators');
  const range =
    flags.seeds === undefined
      ? { from: Math.floor(Math.random() * 1e9), to: largestSeed }
      : await rangeOf(flags.seeds);
  const time = flags.for === undefined ? {} : { forMs: parseDuration(flags.for) };
  const workers = flags.workers === undefined ? {} : { workers: await seedOf(flags.workers) };
  if (flags.seeds === undefined) output.progress(`fresh seeds from ${range.from} on`);
  const onResult = progressOf(output);
  const report = await runCampaign({ ...range, ...time, ...workers, onResult });
  output.result(report, campaignText(report));
  if (report.violations > 0) process.exitCode = 1;
}

async function faultsOf(text: string | undefined): Promise<number[] | null> {
  if (text === undefined) return null;
  if (text === 'none') return [];
  return Promise.all(text.split(',').map(seedOf));
}

async function oneSeed(text: string, flags: SimulateFlags, output: Output): Promise<void> {
  const { runScenario, scenarioOf, shrinkSeed } = await import('@foyer/simulators');
  const seed = await seedOf(text);
  if (flags.shrink === true) {
    const shrunk = await shrinkSeed(seed);
    if (shrunk === null) output.result({ seed, violations: 0 }, `Seed ${seed} breaks no law.`);
    else {
      const { law, faults, runs, command } = shrunk;
      output.result({ seed, law, faults, runs, command }, `${law} after ${runs} runs: ${command}`);
      process.exitCode = 1;
    }
    return;
  }
  const onLine = (line: string): void => output.line(line);
  const scenario = scenarioOf(seed, await faultsOf(flags.faults));
  const result = await runScenario(scenario, flags.trace === true ? { onLine } : {});
  const lines = result.violations.map(({ law, detail }) => `BROKEN ${law}: ${detail}`);
  const { scans, greens, doubles, violations } = result;
  const counts = `${scans} scans, ${greens} green, ${doubles} doubles`;
  const sum = `seed ${seed}: ${counts}, ${violations.length} violations`;
  output.result(result, [...lines, sum].join('\n'));
  if (result.violations.length > 0) process.exitCode = 1;
}

function mutantLine({ name, caughtAtSeed, law, seeds, seconds }: MutantResult): string {
  const how = caughtAtSeed === null ? 'SURVIVED' : `caught by ${law} at seed ${caughtAtSeed}`;
  return `${name.padEnd(36)} ${how} (${seeds} seeds, ${seconds} s)`;
}

function mutantsText({ planted, caught, survivors }: MutantsReport): string {
  const left = survivors.length === 0 ? '' : `\nSurvivors: ${survivors.join(', ')}`;
  return `${caught} of ${planted} planted bugs were caught.${left}`;
}

async function mutants(flags: SimulateFlags, output: Output): Promise<void> {
  const { runMutants } = await import('@foyer/simulators');
  const onProgress = (result: MutantResult): void => output.progress(mutantLine(result));
  const names = flags.mutant === undefined ? {} : { names: flags.mutant };
  const report = await runMutants({ ...names, onProgress });
  const { planted, caught, survivors, unsound } = report;
  for (const { seed, law } of unsound) {
    output.progress(`seed ${seed} breaks ${law} where nothing is planted`);
  }
  output.result({ planted, caught, survivors }, mutantsText(report));
  if (survivors.length > 0) process.exitCode = 1;
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.mutants === true || flags.mutant !== undefined) return mutants(flags, output);
  if (flags.seed !== undefined) return oneSeed(flags.seed, flags, output);
  if (flags.seeds !== undefined || flags.for !== undefined) return campaign(flags, output);
  return refuse(
    'It was not said what to simulate.',
    'Give --seeds 1..500, --for 60s, --seed 7 --trace, or --mutants.',
  );
}

const list = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `foyer simulate`: whole theatres in virtual time, broken on purpose, watched from outside. */
export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('run theatres in virtual time under faults, and check every guarantee')
    .option('--seeds <A..B>', 'run these seeds on every core')
    .option('--for <time>', 'begin no seed after so long, e.g. 60s; fresh seeds without --seeds')
    .option('--workers <n>', 'processes at once; the number of cores otherwise')
    .option('--seed <n>', 'run one seed')
    .option('--trace', 'with --seed: print what each node saw')
    .option('--faults <numbers>', 'with --seed: only these faults of it, e.g. 0,3, or none')
    .option('--shrink', 'with --seed: find the fewest faults that break the same law')
    .option('--mutants', 'plant each known bug and see that it is caught')
    .option('--mutant <name>', 'plant this bug only; may be given several times', list)
    .option('--json', 'print the result as one JSON object on the last line')
    .action((flags: SimulateFlags) => simulate(flags));
}
