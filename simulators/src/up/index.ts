export { faultNames, parseDuration, parseFaults } from './faults.ts';
export type { Fault } from './faults.ts';
export { runTheatre } from './run.ts';
export type { UpOptions, UpResult } from './run.ts';
