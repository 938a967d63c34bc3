/** Seeded simulation of a whole theatre and its cloud in virtual time. */
export type { Fault } from './faults/index.ts';
export { runScenario, runSeed, type RunOptions, type SeedResult } from './run.ts';
export { makeScenario, type Scenario } from './scenario.ts';
