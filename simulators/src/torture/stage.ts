import { setTimeout as pause } from 'node:timers/promises';

import type { Uniform } from '../camera/random.ts';
import type { Observer } from '../up/observer.ts';
import type { Guests } from './guests.ts';
import type { House } from './house.ts';
import type { Watch } from './watch.ts';

/** What a phase plays on. */
export interface Stage {
  readonly house: House;
  readonly guests: Guests;
  readonly watch: Watch;
  readonly observer: Observer;
  readonly uniform: Uniform;
  /** Time for this phase's faults. */
  readonly budgetMs: number;
  /** 1 from four minutes on; less makes counts smaller. */
  readonly scale: number;
  /** Aborted when the run is asked to end. */
  readonly signal: AbortSignal;
}

/** What a phase tells of itself beside what is told of every phase. */
export type Figures = Readonly<Record<string, number | string>>;

/** One kind of fault. Guests are in the house when it plays. */
export interface Phase {
  readonly name: string;
  /** For a person: what is done to the theatre. */
  readonly what: string;
  /** Its part of the run's time. */
  readonly share: number;
  /** Why it cannot play here; null when it can. */
  whyNot(house: House): string | null;
  /** Plays it, and mends what it broke. */
  play(stage: Stage): Promise<Figures>;
}

/** Resolves after a time; rejects when the run is asked to end. */
export async function wait({ signal }: Stage, delayMs: number): Promise<void> {
  await pause(Math.max(0, delayMs), undefined, { signal });
}

/** Milliseconds from now until the phase's time is over. */
export function countdown(stage: Stage): () => number {
  const untilMs = performance.now() + stage.budgetMs;
  return () => untilMs - performance.now();
}

/** A number in [low, high). */
export const drawn = ({ uniform }: Stage, low: number, high: number): number =>
  low + (high - low) * uniform();

/** One of several. */
export function oneOf<T>({ uniform }: Stage, among: readonly T[]): T {
  const chosen = among[Math.floor(uniform() * among.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}

/** The same things in a drawn order. */
export function shuffled<T>(stage: Stage, things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, place: stage.uniform() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ thing }) => thing);
}
