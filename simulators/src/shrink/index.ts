export { scenarioOf, shrinkSeed } from './scenario.ts';
export type { ShrunkSeed } from './scenario.ts';
