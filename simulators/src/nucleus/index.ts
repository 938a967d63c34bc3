export { NucleusServices, type ServicesOptions } from './services.ts';
export type { NucleusKind } from './behaviour.ts';
