import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BookingClient } from '../booking/client.ts';
import {
  sameGateDoubles,
  summarise,
  unflaggedDoubles,
  unshownAdmissions,
} from '../checkers/index.ts';
import type { Summary } from '../checkers/index.ts';
import { startConsole } from '../console/index.ts';
import type { RunningConsole } from '../console/index.ts';
import type { NucleusKind } from '../nucleus/index.ts';
import { boxIds, playerOf } from '../world/index.ts';
import { drain, longestDrainMs } from './drain.ts';
import type { Drained } from './drain.ts';
import { faultSteps } from './faults.ts';
import type { Fault, FaultTarget } from './faults.ts';
import { Observer } from './observer.ts';
import { Programme } from './programme.ts';
import { nodesOf } from './settings.ts';
import { PeopleCounters } from './people-counters.ts';
import { Screens } from './screens.ts';
import { Tally } from './tally.ts';
import { Theatre } from './theatre.ts';

/** What `foyer up` was asked for. */
export interface UpOptions {
  readonly gates: number;
  /** Display boxes, three screens each. */
  readonly boxes: number;
  readonly seed: number;
  /** Time under load; undefined: until `signal`. */
  readonly loadMs?: number | undefined;
  readonly faults: readonly Fault[];
  /** Parties a second over all gates; by default it follows the number of gates. */
  readonly demandPerS?: number | undefined;
  /** Run agents, scanners and players as components, under a nucleus stand-in a box. */
  readonly nucleus?: NucleusKind | undefined;
  /** Where to keep databases and logs; by default a temporary directory that is removed. */
  readonly dir?: string | undefined;
  /** The console's port; 0 takes a free one. */
  readonly consolePort: number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** How a run ended. */
export interface UpResult {
  readonly summary: Summary;
  readonly converged: boolean;
  /** Findings that must never be: each is a sentence. */
  readonly violations: readonly string[];
}

// About one scan a second at each gate, up to what two cores render and decode.
const partiesPerGateS = 0.45;
const mostPartiesPerS = 3;
const longestSyncMs = 20_000;

/** Brings a theatre up, loads it, breaks and mends it, lets it drain, and ends it. */
export async function runTheatre(options: UpOptions): Promise<UpResult> {
  const startedMs = performance.now();
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'foyer-')));
  const tally = new Tally();
  announceFirstGuest(tally, startedMs, options.progress);
  let theatre: Theatre | undefined;
  let running: RunningConsole | undefined;
  let programme: Programme | undefined;
  let screens: Screens | undefined;
  const counters = new PeopleCounters((gate) => theatre?.urlOf(gate) ?? '');
  try {
    theatre = await Theatre.start(
      {
        gates: options.gates,
        boxes: options.boxes,
        nucleus: options.nucleus,
        seed: options.seed,
        dir,
        // A measured run has nobody who would look.
        managerToken:
          options.loadMs === undefined && options.boxes > 0
            ? randomBytes(24).toString('base64url')
            : null,
        apiKey: randomBytes(24).toString('base64url'),
        signingKey: randomBytes(32).toString('base64url'),
        demandPerS:
          options.demandPerS ?? Math.min(mostPartiesPerS, partiesPerGateS * options.gates),
      },
      { progress: options.progress, onGuestLine: (line) => tally.takeLine(line) },
    );
    const observer = new Observer((name) => theatre?.urlOf(name) ?? '');
    running = await startConsole({ theatre, tally, observer, port: options.consolePort });
    sayUrls(theatre, running.url, options);
    await untilGatesKnow(observer, options);
    tally.onQueue((gate, waiting) => counters.count(gate, waiting));
    counters.start();
    // Without an end a person looks, in a browser of their own.
    if (options.loadMs !== undefined) {
      screens = await Screens.open(theatre, observer, options.progress);
    }
    theatre.tellGuests('begin');
    if (options.loadMs === undefined) programme = keepOpen(theatre);
    await underLoad(theatre, options);
    return await wrapUp({ theatre, tally, observer, screens, options });
  } finally {
    programme?.stop();
    counters.stop();
    await screens?.close();
    await running?.close();
    await theatre?.close();
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }
}

function keepOpen(theatre: Theatre): Programme {
  const { apiKey, seed } = theatre.settings;
  const programme = new Programme(new BookingClient(theatre.urlOf('cloud'), apiKey), seed);
  programme.start();
  return programme;
}

function announceFirstGuest(
  tally: Tally,
  startedMs: number,
  progress: (line: string) => void,
): void {
  let announced = false;
  tally.onVerdict(({ verdict, gate }) => {
    if (announced || verdict.colour !== 'green') return;
    announced = true;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    progress(`First guest admitted after ${seconds} s (${gate}, seat ${verdict.seat ?? '-'}).`);
  });
}

function sayUrls(theatre: Theatre, consoleUrl: string, options: UpOptions): void {
  const lines = [
    `Console      ${consoleUrl}`,
    ...(theatre.managerUrl === null ? [] : [`Screens      ${theatre.managerUrl}`]),
    `Booking API  ${theatre.urlOf('cloud')}`,
    ...[...nodesOf(options), ...boxIds(options.boxes).map(playerOf)].map(
      (name) => `${name.padEnd(12)} ${theatre.urlOf(name)}`,
    ),
    `Logs         ${theatre.settings.dir}`,
  ];
  for (const line of lines) options.progress(line);
  if (options.loadMs === undefined) options.progress('Ctrl-C ends it.');
}

/** Opens the doors when every gate has its feeds: nobody is turned away for our own start. */
async function untilGatesKnow(observer: Observer, options: UpOptions): Promise<void> {
  const untilMs = performance.now() + longestSyncMs;
  const gates = nodesOf({ ...options, boxes: 0 }).slice(1);
  while (!options.signal.aborted) {
    const states = await Promise.all(gates.map((gate) => observer.status(gate)));
    const ready = states.every(
      (state) => state?.recovering === false && state.feeds.every(({ epoch }) => epoch !== null),
    );
    if (ready) return;
    if (performance.now() >= untilMs) {
      options.progress('Not every gate has its data yet; guests come all the same.');
      return;
    }
    await wait(100, options.signal);
  }
}

/** Resolves after a time, or at once when the run is stopped. */
function wait(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = delayMs === undefined ? undefined : setTimeout(done, delayMs);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

async function underLoad(theatre: Theatre, options: UpOptions): Promise<void> {
  const { signal, progress, loadMs } = options;
  const beganMs = performance.now();
  const steps = faultSteps(options.faults).filter((step) => step.atMs < (loadMs ?? Infinity));
  const acts: Promise<void>[] = [];
  for (const step of steps) {
    await wait(Math.max(0, beganMs + step.atMs - performance.now()), signal);
    if (signal.aborted) return;
    const { name, target } = step.fault;
    const at = `${(step.atMs / 1000).toFixed(0)} s`;
    progress(`${at}: ${name} ${describe(target.kind, step.begin)}`);
    acts.push(step.begin ? theatre.begin(target) : theatre.mend(target));
  }
  await Promise.all(acts);
  const leftMs = loadMs === undefined ? undefined : beganMs + loadMs - performance.now();
  if (leftMs === undefined || leftMs > 0) await wait(leftMs, signal);
}

function describe(kind: FaultTarget['kind'], begin: boolean): string {
  if (kind !== 'cut') return begin ? 'is killed' : 'starts again';
  return begin ? 'is cut' : 'is mended';
}

interface Run {
  readonly theatre: Theatre;
  readonly tally: Tally;
  readonly observer: Observer;
  readonly screens: Screens | undefined;
  readonly options: UpOptions;
}

async function wrapUp({ theatre, tally, observer, screens, options }: Run): Promise<UpResult> {
  const interrupted = options.signal.aborted;
  if (!interrupted) {
    await theatre.mendAll();
    theatre.tellGuests('stop');
    options.progress('The load has ended and everything is mended; the queues drain.');
  }
  const longestMs = interrupted ? 0 : longestDrainMs;
  const nodes = nodesOf(options);
  const { plays, blankMs } = (await screens?.stop()) ?? { plays: null, blankMs: null };
  const expected = { tally, nodes, plays };
  const drained = await drain(observer, expected, longestMs, options.progress);
  if (!drained.converged && !interrupted) {
    options.progress(`Not drained after 60 s: ${drained.missing.join('; ')}.`);
  }
  const { shown, counts } = tally;
  const refusals = [...tally.refusals].map(([code, times]) => ` ${code} ${times}`).join(',');
  options.progress(
    `Guests: ${counts.bought} tickets bought, ${counts.notSold} not sold${refusals}; ` +
      `${counts.gaveUp} phones could not be read, ${counts.left} guests left.`,
  );
  const summary = summarise({ shown, ...drained, plays, blankMs });
  return {
    summary,
    converged: drained.converged,
    violations: violationsOf(tally, drained, theatre.crashes),
  };
}

function violationsOf(tally: Tally, drained: Drained, crashes: number): string[] {
  const { shown } = tally;
  const found = [
    ...unflaggedDoubles(shown).map((right) => `${right} got two greens without a flag.`),
    ...sameGateDoubles(shown).map((right) => `${right} got two greens at one gate.`),
    ...unshownAdmissions(shown, drained.admissions).map(
      (scanId) => `The cloud has an admission that no gate showed: scan ${scanId}.`,
    ),
  ];
  if (crashes > 0) found.push(`Programs ended by themselves ${crashes} times.`);
  if (tally.counts.unreadable > 0) {
    found.push(`${tally.counts.unreadable} lines of the guests could not be read.`);
  }
  return found;
}
