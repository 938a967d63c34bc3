export { Signage, type SignageDeps } from './signage.ts';
export type { SealPlays } from './plays.ts';
