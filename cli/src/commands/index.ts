import type { Command } from 'commander';

import { registerBench } from './bench.ts';
import { registerDecode } from './decode.ts';
import { registerFleet } from './fleet.ts';
import { registerFuzz } from './fuzz.ts';
import { registerProvision } from './provision.ts';
import { registerRecipes } from './recipes.ts';
import { registerScan } from './scan.ts';
import { registerSchedule } from './schedule.ts';
import { registerSimulate } from './simulate.ts';
import { registerTorture } from './torture.ts';
import { registerUp } from './up.ts';

/** Adds one command to the program. What the command needs is imported inside its action. */
export type Register = (program: Command) => void;

/** Every command, in the order that the help shows them. */
export const commands: readonly Register[] = [
  registerUp,
  registerDecode,
  registerScan,
  registerSchedule,
  registerProvision,
  registerRecipes,
  registerFleet,
  registerSimulate,
  registerFuzz,
  registerTorture,
  registerBench,
];
