/** Seeded simulation of a whole theatre and its cloud in virtual time. */
export { replayOf, runCampaign } from './campaign.ts';
export type { CampaignOptions, CampaignReport, SeedFailure } from './campaign.ts';
export { runScenario, runSeed, type RunOptions, type SeedResult } from './run.ts';
export { makeScenario } from './pauses.ts';
export { makeBusyScenario, type Scenario } from './scenario.ts';
