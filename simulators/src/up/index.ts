export { faultNames, parseDuration, parseFaults, targetOf } from './faults.ts';
export type { Fault } from './faults.ts';
export { runTheatre } from './run.ts';
export type { UpOptions, UpResult } from './run.ts';
export { parseJson, Program } from './program.ts';
export type { ProgramPlan, Ready } from './program.ts';
export { meshIdentity, provision } from './provision.ts';
export { Theatre } from './theatre.ts';
