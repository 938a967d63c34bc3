export type { AdCandidate, AdContext, AdDecider, AdDecision, AdRequest } from './decider.ts';
export { decisionIdOf, ruleBased } from './rule-based.ts';
