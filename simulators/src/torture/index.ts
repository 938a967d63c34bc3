export { isSound } from './options.ts';
export type { TortureOptions, TortureResult } from './options.ts';
export { runTorture } from './run.ts';
