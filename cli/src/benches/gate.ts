import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { percentile, seededUniform } from '@foyer/simulators';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { commitTimes } from './gate/commit-floor.ts';
import { decodeBare, ordinary, renderTickets } from './gate/frames.ts';
import { House } from './gate/house.ts';
import { KeepAliveClient } from './gate/keep-alive.ts';
import { MemoryWatch } from './gate/memory.ts';
import { framesFor, pace, pacedPhase } from './gate/paced.ts';
import type { PacedScan } from './gate/paced.ts';
import { rebootGate } from './gate/reboot.ts';
import type { Boot } from './gate/reboot.ts';
import { inFlightPerGate, saturatedPhase } from './gate/saturated.ts';
import type { Saturated } from './gate/saturated.ts';
import { FreshTickets } from './gate/tickets.ts';

const optionsSchema = z.object({
  tickets: z.coerce.number().int().min(2_000).max(140_000).default(100_000),
  gates: z.coerce.number().int().min(1).max(12).default(4),
  /** The measured phase. */
  seconds: z.coerce.number().int().min(1).max(120).default(30),
  saturatedSeconds: z.coerce.number().int().min(1).max(60).default(8),
  /** How often a gate is killed and started again. */
  boots: z.coerce.number().int().min(1).max(12).default(3),
  seed: z.coerce.number().int().min(0).max(1_000_000).default(1),
  dir: z.string().min(1).optional(),
});

type Options = z.infer<typeof optionsSchema>;

const warmUpSeconds = 4;
/** More than these machines decide; what is not shown is thrown away. */
const mostScansPerSecond = 2_000;
const textsForBoots = 200;

const how = {
  frames: `640x480, ${ordinary.join(', ')}, each posted to a scanner process as 8-bit luminance`,
  claims: 'every gate serves every hall: a verdict needs the vote of at least one other gate',
  scan: "the scanner's request to its agent's local API until the answer was there",
  frameToVerdict: 'from the moment that the scanner had the frame until its verdict was there',
  postToVerdict: 'the same as the sender of the frame saw it: with 300 KB over HTTP on loopback',
  decodeBare: 'zxing-wasm, one pass with everything on, same frames, nothing else running',
  saturated: `straight to the local APIs, ${inFlightPerGate} scans under way at each gate`,
  commit: 'one row of 100 characters, SQLite, synchronous=FULL, nothing else running',
  boot: 'kill -9, then from spawning the agent to its first verdict; the median',
};

const milliseconds = (values: readonly number[], share: number): number =>
  Number(percentile(values, share).toFixed(2));

interface Measured {
  readonly commits: readonly number[];
  readonly paced: readonly PacedScan[];
  readonly bare: readonly number[];
  readonly saturated: Saturated;
  readonly boots: readonly Boot[];
  readonly agentRssMb: number;
}

async function measure(house: House, options: Options, output: Output): Promise<Measured> {
  const { gates, seconds, saturatedSeconds, seed } = options;
  const uniform = seededUniform(seed);
  const tickets = new FreshTickets(house.bookings, house.signingKey, seed);
  const client = new KeepAliveClient(inFlightPerGate);
  const agentPids = (): number[] => house.gates.flatMap((gate) => house.pid(gate) ?? []);
  const memory = new MemoryWatch(agentPids);
  try {
    const warmUp = framesFor(warmUpSeconds, pace.warmUpMs, gates);
    output.progress('Drawing frames');
    const texts = tickets.take(warmUp + framesFor(seconds, pace.measuredMs, gates));
    const frames = await renderTickets(texts, seed);
    await house.untilSound();
    output.progress('Bare commits');
    const commits = await commitTimes(house.dir);
    // A gate that has worked for a minute is what most guests meet: its code is compiled by then.
    output.progress(`${saturatedSeconds} s as fast as the gates answer`);
    const spare = Math.max(0, tickets.left - textsForBoots);
    const many = tickets.take(Math.min(spare, saturatedSeconds * mostScansPerSecond));
    const saturated = await saturatedPhase(house, client, many, saturatedSeconds);
    await house.untilSound();
    const slow = { slotMs: pace.measuredMs, uniform };
    const quick = { slotMs: pace.warmUpMs, uniform };
    await pacedPhase(house, client, frames.slice(0, warmUp), quick);
    await house.untilSound();
    output.progress(`${seconds} s at two scans a second at each gate`);
    const paced = await pacedPhase(house, client, frames.slice(warmUp), slow);
    await house.untilSound();
    output.progress('The same frames by zxing-wasm alone');
    const bare = await decodeBare(read(paced).map(({ frame }) => frame));
    const boots: Boot[] = [];
    for (let boot = 0; boot < options.boots; boot += 1) {
      const gate = house.gates[boot % gates] ?? '';
      output.progress(`${gate} is killed and starts again`);
      boots.push(await rebootGate(house, client, gate, () => tickets.take(1)[0] ?? ''));
      await house.untilSound();
    }
    memory.look();
    return { commits, paced, bare, saturated, boots, agentRssMb: memory.largestMb };
  } finally {
    memory.stop();
    client.close();
  }
}

/** Scans that a frame was read for: the others have no verdict whose time could be taken. */
const read = (paced: readonly PacedScan[]): (PacedScan & { scanMs: number })[] =>
  paced.flatMap((scan) => (scan.scanMs === null ? [] : [{ ...scan, scanMs: scan.scanMs }]));

function report(measured: Measured, options: Options) {
  const { paced, saturated, boots } = measured;
  const scans = read(paced);
  const decodes = scans.map((scan) => scan.decodeMs);
  const verdicts = scans.map((scan) => scan.frameToVerdictMs);
  const posts = scans.map((scan) => scan.postToVerdictMs);
  const asked = scans.map((scan) => scan.scanMs);
  const round = (value: number, digits = 0): number => Number(value.toFixed(digits));
  return {
    decodeP50Ms: milliseconds(decodes, 0.5),
    decodeBareP50Ms: milliseconds(measured.bare, 0.5),
    frameToVerdictP50Ms: milliseconds(verdicts, 0.5),
    frameToVerdictP99Ms: milliseconds(verdicts, 0.99),
    postToVerdictP50Ms: milliseconds(posts, 0.5),
    postToVerdictP99Ms: milliseconds(posts, 0.99),
    scanP50Ms: milliseconds(asked, 0.5),
    scanP99Ms: milliseconds(asked, 0.99),
    scansPerSecond: round(saturated.scansPerSecond, 1),
    commitP50Ms: milliseconds(measured.commits, 0.5),
    agentRssMb: round(measured.agentRssMb, 1),
    bootToFirstVerdictMs: round(
      percentile(
        boots.map((boot) => boot.firstVerdictMs),
        0.5,
      ),
    ),
    bootToFirstSoundVerdictMs: round(
      percentile(
        boots.map((boot) => boot.firstSoundVerdictMs),
        0.5,
      ),
    ),
    paced: {
      frames: paced.length,
      unread: paced.length - scans.length,
      greens: scans.filter((scan) => scan.colour === 'green').length,
      flagged: scans.filter((scan) => scan.flagged).length,
    },
    saturated: {
      scans: saturated.scans,
      greens: saturated.greens,
      flagged: saturated.flagged,
      refused: saturated.refused,
      seconds: round(saturated.seconds, 1),
    },
    boots: boots.map((boot) => ({
      gate: boot.gate,
      firstVerdictMs: round(boot.firstVerdictMs),
      firstColour: boot.firstColour,
      firstSoundVerdictMs: round(boot.firstSoundVerdictMs),
    })),
    tickets: options.tickets,
    gates: options.gates,
    seconds: options.seconds,
    seed: options.seed,
    machine: {
      cores: cpus().length,
      model: cpus()[0]?.model ?? '',
      memoryMb: Math.round(totalmem() / 2 ** 20),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    how,
  };
}

type Report = ReturnType<typeof report>;

/** Ends the house and removes its files at Ctrl-C, then exits. @returns how to stop listening. */
function onInterrupt(cleanUp: () => Promise<void>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    void cleanUp().finally(() => process.exit(130));
  };
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/**
 * `foyer bench gate`: what a guest waits for at a gate, in a theatre of real processes with
 * `--tickets` at each of `--gates` gates.
 */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = parseOptions(given);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'foyer-bench-gate-')));
  const house = new House({ ...options, dir, progress: (line) => output.progress(line) });
  const cleanUp = async (): Promise<void> => {
    await house.close();
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  const stopListening = onInterrupt(cleanUp);
  try {
    await house.open();
    const result = report(await measure(house, options, output), options);
    if (!output.json) printTable(result, output);
    return result;
  } finally {
    await cleanUp();
    stopListening();
  }
}

function parseOptions(given: Readonly<Record<string, unknown>>): Options {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new FoyerError('bad-request', `${wrong.join('; ')}.`, {
    whatToDo: 'Run `foyer bench gate --help` for the options.',
  });
}

function printTable(result: Report, output: Output): void {
  const row = (name: string, value: string, wanted = ''): void =>
    output.line(`${name.padEnd(34)}${value.padStart(12)}  ${wanted}`.trimEnd());
  const beyond = result.frameToVerdictP50Ms - result.decodeP50Ms;
  const ratio = result.decodeP50Ms / result.decodeBareP50Ms;
  row('decode, p50', `${result.decodeP50Ms} ms`);
  row('zxing-wasm alone, p50', `${result.decodeBareP50Ms} ms`);
  row('  ratio', ratio.toFixed(2), 'at most 1.5');
  row('frame to verdict, p50', `${result.frameToVerdictP50Ms} ms`);
  row('frame to verdict, p99', `${result.frameToVerdictP99Ms} ms`);
  row('  beyond decoding, p50', `${beyond.toFixed(2)} ms`, 'at most 6 ms');
  row('the same with its way over HTTP', `${result.postToVerdictP50Ms} ms`);
  row('scan, p50', `${result.scanP50Ms} ms`, 'at most 5 ms');
  row('scan, p99', `${result.scanP99Ms} ms`);
  row('scans a second, saturated', String(result.scansPerSecond));
  row('a bare commit, p50', `${result.commitP50Ms} ms`);
  row('memory of a gate agent, most', `${result.agentRssMb} MB`, 'at most 150 MB');
  row('boot to first verdict', `${result.bootToFirstVerdictMs} ms`, 'at most 2000 ms');
  row('boot to first with two votes', `${result.bootToFirstSoundVerdictMs} ms`);
}
