import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';

import { seededUniform } from '../camera/random.ts';
import { Observer } from '../up/observer.ts';
import { Cleanup } from './cleanup.ts';
import { converge } from './converge.ts';
import { FaultLog } from './fault-log.ts';
import { Guests } from './guests.ts';
import { House } from './house.ts';
import type { TortureOptions, TortureResult } from './options.ts';
import { phases } from './phases/index.ts';
import { startSampling } from './sampling.ts';
import type { Phase } from './stage.ts';
import { Tickets } from './tickets.ts';
import type { Torture } from './torture.ts';
import { wrapUp } from './verdict.ts';
import { Watch } from './watch.ts';

const minuteMs = 60_000;
/** From so many minutes on the phases' counts are whole: 2,000 messages, 10,000 admissions. */
const wholeMinutes = 4;
/** A long run plays all phases again and again, for about so long each time. */
const roundMinutes = 5;
/** Tickets that guests show in a minute beside those of the phases that count. */
const ticketsPerMinute = 1_500;
/** What starting, converging and checking take beside the faults. */
const startAndDrainS = 60;
const longestFillMs = 300_000;
const countedTickets = 16_000;
const mostTickets = 120_000;
const probesPerGate = 5;

function chosenPhases(only: readonly string[]): readonly Phase[] {
  for (const name of only) {
    if (phases.some((phase) => phase.name === name)) continue;
    throw new FoyerError('bad-request', `There is no phase "${name}".`, {
      whatToDo: `Name one of ${phases.map((phase) => phase.name).join(', ')}.`,
    });
  }
  return only.length === 0 ? phases : phases.filter(({ name }) => only.includes(name));
}

const scaleOf = (minutes: number): number => Math.min(1, minutes / wholeMinutes);

function ticketsFor({ minutes }: TortureOptions): number {
  const counted = countedTickets * scaleOf(minutes) * Math.max(1, minutes / roundMinutes);
  return Math.min(mostTickets, Math.round(1_000 + minutes * ticketsPerMinute + counted));
}

/**
 * Runs a theatre of real processes through every fault, lets it come to rest after each, and holds
 * what it did to the promises, with the checkers of the simulation.
 * @throws FoyerError of the first program that does not start; everything has been ended.
 */
export async function runTorture(options: TortureOptions): Promise<TortureResult> {
  const chosen = chosenPhases(options.only);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'foyer-torture-')));
  const cleanup = new Cleanup();
  const uniform = seededUniform(options.seed);
  const house = new House({
    settings: {
      gates: options.gates,
      seed: options.seed,
      dir,
      apiKey: randomBytes(24).toString('base64url'),
      signingKey: randomBytes(32).toString('base64url'),
      boxes: 0,
      managerToken: null,
      demandPerS: 0,
    },
    tickets: ticketsFor(options),
    cleanup,
  });
  const watch = new Watch(new FaultLog());
  const observer = new Observer((name) => house.urlOf(name));
  let [stopSampling, dismiss] = [(): void => undefined, (): void => undefined];
  try {
    options.progress(`Starting the theatre: ${options.gates} gates, Mosquitto, PostgreSQL`);
    await house.open();
    const tickets = new Tickets(house.bookings, house.settings.signingKey, uniform);
    const guests = new Guests({ house, watch, tickets, uniform, seed: options.seed });
    dismiss = () => guests.dismiss();
    const torture = {
      ...{ options, house, watch, observer, guests, uniform },
      ...{ results: [], stuckAt: [] },
    };
    stopSampling = startSampling(torture);
    const skipped = await playAll(torture, chosen);
    await guests.probe(probesPerGate);
    stopSampling();
    return await wrapUp(torture, skipped);
  } finally {
    stopSampling();
    dismiss();
    await house.close();
    for (const failure of cleanup.run()) options.progress(`Not cleaned up: ${failure}`);
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }
}

/** Plays every phase, round after round. @returns what could not be played, and why. */
async function playAll(torture: Torture, chosen: readonly Phase[]): Promise<string[]> {
  const { options, house } = torture;
  const playable = chosen.filter((phase) => phase.whyNot(house) === null);
  const skipped = chosen.flatMap((phase) => {
    const why = phase.whyNot(house);
    return why === null ? [] : [`${phase.name}: ${why}`];
  });
  for (const line of skipped) options.progress(`Skipped ${line}`);
  await untilFilled(torture);
  const rounds = Math.max(1, Math.round(options.minutes / roundMinutes));
  const budgets = budgetsOf(playable, (options.minutes * minuteMs) / rounds);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, phase] of playable.entries()) {
      await playOne(torture, phase, budgets[index] ?? 0);
    }
  }
  return skipped;
}

/** Every gate fetches every ticket before anything is broken. */
async function untilFilled({ observer, house, options }: Torture): Promise<void> {
  const { left } = await converge(observer, house.nodes, options.signal, longestFillMs);
  if (left.length === 0) return;
  throw new FoyerError('timeout', `The theatre did not come up: ${left.slice(0, 4).join('; ')}.`, {
    whatToDo: 'Give --dir to keep the logs, and look at them.',
  });
}

/** Phases without a share count instead of keeping time; they are taken off the others' time. */
function budgetsOf(playable: readonly Phase[], roundMs: number): number[] {
  const shares = playable.reduce((sum, { share }) => sum + share, 0);
  const counting = playable.filter(({ share }) => share === 0).length;
  const timedMs = roundMs * (counting > 0 ? 0.6 : 0.9);
  return playable.map(({ share }) => (timedMs * share) / Math.max(1, shares));
}

async function playOne(torture: Torture, phase: Phase, budgetMs: number): Promise<void> {
  const { options, house, guests, watch, observer, uniform } = torture;
  const { signal, minutes, progress } = options;
  signal.throwIfAborted();
  const beganMs = performance.now();
  const figures = watch.mark();
  guests.begin();
  const stage = { house, guests, watch, observer, uniform, budgetMs, signal };
  const told = await phase.play({ ...stage, scale: scaleOf(minutes) });
  const convergedMs = await settle(torture, phase.name);
  const seconds = (performance.now() - beganMs) / 1000;
  const scanFigures = figures();
  torture.results.push({
    name: phase.name,
    seconds: Math.round(seconds),
    ...told,
    ...scanFigures,
    convergedMs: convergedMs ?? 'not in time',
  });
  const expected = Math.round(minutes * 60 + startAndDrainS);
  const elapsed = Math.round(watch.log.runMs() / 1000);
  const details = Object.entries(told).map(([name, value]) => `${name} ${value}`);
  progress(
    `[${elapsed} s of about ${expected} s] ${phase.name}: ` +
      `${[`${scanFigures.scans} scans`, ...details].join(', ')}; ` +
      `converged in ${convergedMs ?? 'more than 60,000'} ms`,
  );
}

/** Mends everything, lets the guests finish, and waits until the theatre is at rest. */
async function settle(torture: Torture, after: string): Promise<number | null> {
  const { house, guests, observer, stuckAt, options } = torture;
  await house.reviveAll();
  await guests.pause();
  const { withinMs, left } = await converge(observer, house.nodes, options.signal);
  stuckAt.push(...left.map((what) => `After ${after}: ${what}.`));
  return withinMs;
}
