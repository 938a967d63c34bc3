import { errorCatalogue, isFoyerError } from '@foyer/contracts';
import type { SimRandom } from '@foyer/platform/sim';

/** What a mutation may draw on. */
export interface MutationSource {
  readonly random: SimRandom;
  /** Another input that was worth keeping. */
  other: () => Uint8Array;
  /** Words that the parsed format knows. */
  readonly words: readonly string[];
}

/** How inputs of one kind are changed without losing their form; bytewise changes come on top. */
export interface Shape {
  mutate(input: Uint8Array, source: MutationSource): Uint8Array;
}

/** What takes the inputs: the product's own parser, with what stands behind it. */
export interface Rig {
  /** Throws what the product throws. An error of ours with a stable code is an answer. */
  run(input: Uint8Array): void | Promise<void>;
  close(): void | Promise<void>;
}

/** One way by which bytes come in from outside. */
export interface FuzzTarget {
  readonly name: string;
  /** What takes the bytes in, for people. */
  readonly takes: string;
  readonly shape: Shape;
  readonly words?: readonly string[];
  /** Valid inputs, and those that once were trouble for others. */
  seeds(): Uint8Array[] | Promise<Uint8Array[]>;
  open(): Promise<Rig>;
  /** A rig that keeps state is opened anew after so many inputs; without it, never. */
  readonly inputsPerRig?: number;
  /** No input is larger; 16 KiB when absent. */
  readonly maxInputBytes?: number;
  /** No input may take longer; 1,000 when absent. */
  readonly maxMs?: number;
  /** Resident memory of the worker that no input may exceed; 512 MiB when absent. */
  readonly maxRssBytes?: number;
}

export const defaultMaxInputBytes = 16_384;
export const defaultMaxRssBytes = 512 * 1_048_576;
/** Seven times what a gate has for a whole verdict. */
export const defaultMaxMs = 1000;

/** A machine that is busy with other things lets one wait: waiting counts this much less. */
const waitingCounts = 1 / 8;

/**
 * Measures an input. It tells milliseconds of processor time, all threads together, or an eighth of
 * the time that passed, whichever is more: an input hangs by working or by waiting.
 */
export function stopwatch(): () => number {
  const startMs = performance.now();
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return Math.max((user + system) / 1000, (performance.now() - startMs) * waitingCounts);
  };
}

/** The product took an input and did something that it must not: a wrong answer is a crash, too. */
export class Misbehaviour extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misbehaviour';
  }
}

/** True for a refusal that a caller can act on: an error with a code of the catalogue. */
export function isAnswer(error: unknown): boolean {
  return isFoyerError(error) && error.code in errorCatalogue && error.code !== 'internal';
}

const libraryFrame = /node_modules|node:internal|\/fuzz\//;

/** What two crashes of one cause have in common: the error, and where our code met it. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const message = (error.message.split('\n')[0] ?? '').replace(/[\d'"`].*$/s, '').slice(0, 60);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.find((line) => !libraryFrame.test(line)) ?? frames[0] ?? '';
  const where = /at (?:async )?(?:new )?([\w$.#<>]+)/.exec(own)?.[1] ?? '';
  return `${error.name}: ${message}${where === '' ? '' : ` in ${where}`}`;
}

/** The error with its stack, for the person who mends it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  return lines.slice(0, 12).join('\n').slice(0, 4000);
}
