export { replayFuzz, runFuzz } from './run.ts';
export type { FuzzOptions, FuzzResult } from './run.ts';
export type { TargetCounts } from './run-target.ts';
export { describeTargets } from './targets/index.ts';
