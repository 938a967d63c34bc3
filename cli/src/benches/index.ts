import type { Command } from 'commander';

import type { Output } from '../output.ts';

/** A module in this directory exports one of these as `run`. It answers the object to print. */
export type RunBench = (
  options: Readonly<Record<string, unknown>>,
  output: Output,
) => Promise<object>;

/** What the program knows of a benchmark before its code is loaded. */
export interface BenchEntry {
  /** One line for the help. */
  readonly summary: string;
  /** Adds the benchmark's own options; `--json` is always there. */
  readonly addOptions?: (command: Command) => unknown;
  /** Imports the benchmark: `() => import('./decode.ts')`. */
  readonly load: () => Promise<{
    readonly run: RunBench;
    /** The same for people; without it the object's fields are listed. */
    readonly text?: (result: object) => string;
  }>;
}

/** Every benchmark by name. */
export const benches: Readonly<Record<string, BenchEntry>> = {
  decode: {
    summary: 'codes read in rendered gate frames, beside other decoders',
    addOptions: (command) =>
      command
        .option('--frames <count>', 'frames with a code, all conditions together', '1000')
        .option('--empty <count>', 'frames without a code', '120')
        .option('--guests <count>', 'guests who hold up their phone for 6 frames', '78')
        .option('--seed <number>', 'decides what is drawn', '1')
        .option('--only <decoder>', 'ours, oursSingle, zxingWasm or jsqr alone'),
    load: () => import('./decode.ts'),
  },
  components: {
    summary: 'Greengrass packages: size, and of each run from it, start to ready and memory',
    addOptions: (command) => command.option('--starts <number>', 'how often each is started', '5'),
    load: () => import('./components.ts'),
  },
  gate: {
    summary: 'what a guest waits for at a gate, in a theatre of real processes',
    addOptions: (command) =>
      command
        .option('--tickets <count>', 'tickets at every gate', '100000')
        .option('--gates <number>', 'gates, 1 to 12', '4')
        .option('--seconds <number>', 'time at two scans a second a gate', '30')
        .option('--saturated-seconds <number>', 'time as fast as the gates answer', '8')
        .option('--boots <number>', 'how often a gate is killed and started again', '3')
        .option('--seed <number>', 'of tickets, frames and moments', '1')
        .option('--dir <directory>', 'keep databases and logs here'),
    load: () => import('./gate.ts'),
  },
  link: {
    summary: 'tickets down and admissions up over each link to the cloud, beside raw bytes',
    addOptions: (command) =>
      command
        .option('--rows <count>', 'tickets', '20000')
        .option('--events <count>', 'admissions', '2000')
        .option('--only <way>', 'one way alone'),
    load: () => import('./link.ts'),
  },
  screen: {
    summary: 'a screen in Chromium beside a bare film: blank frames, gaps, heap, start, latency',
    addOptions: (command) =>
      command
        .option('--minutes <number>', 'how long it plays', '3')
        .option('--swaps <count>', 'swaps that the heap is measured over', '1000')
        .option('--states <count>', 'live states that are followed to the glass', '100'),
    load: () => import('./screen.ts'),
  },
  schedule: {
    summary:
      'weeks of a chain of screens computed, and how fairly they share, beside a round-robin',
    addOptions: (command) =>
      command
        .option('--screens <count>', 'screens, a hundred to a theatre', '1000')
        .option('--days <count>', 'days from 20 October 2026, clock changes included', '30'),
    load: () => import('./schedule.ts'),
  },
  sync: {
    summary: 'an empty theatre from the cloud over Mosquitto, beside PouchDB; booking to gate',
    addOptions: (command) =>
      command
        .option('--rows <count>', 'tickets', '100000')
        .option('--gates <number>', 'gates that a booking is followed to, 1 to 12', '4')
        .option('--bookings <count>', 'bookings that are followed', '200')
        .option('--throttle <whose>', "aws: within IoT Core's limits")
        .option('--no-pouchdb', 'leave PouchDB out')
        .option('--dir <directory>', 'keep databases and logs here'),
    load: () => import('./sync.ts'),
  },
};
