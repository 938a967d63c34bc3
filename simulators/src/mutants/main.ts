import { runSeed } from '../sim/index.ts';
import { runSeeds } from './seed-process.ts';

/** Runs seeds of the simulation in a process of their own, perhaps with a bug planted. */
await runSeeds((seed) => runSeed(seed));
