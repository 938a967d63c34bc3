export { playerConfigSchema } from './config.ts';
export type { PlayerConfig } from './config.ts';
export { startPlayer } from './player.ts';
export type { PlayerSeams, RunningPlayer } from './player.ts';
