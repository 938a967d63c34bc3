import type { AdCandidate, AdDecider, AdRequest } from './decider.ts';
import { hash64Hex } from './hash.ts';

function mostOwed(eligible: readonly AdCandidate[]): AdCandidate {
  let best: AdCandidate | undefined;
  for (const candidate of eligible) {
    if (best === undefined || candidate.deficit > best.deficit) best = candidate;
  }
  if (best === undefined) throw new RangeError('an ad decision needs at least one candidate');
  return best;
}

/** The same for the same screen, moment and decider. */
export function decisionIdOf(name: string, { screen, nowMs, seed }: AdRequest): string {
  return `${name}-${hash64Hex(`${screen.screenId}/${nowMs}/${seed}`)}`;
}

/** The candidate that its share owes most; the first of equals. Always certain. */
export const ruleBased: AdDecider = {
  name: 'rules',
  decide(request) {
    const { campaignId, itemId } = mostOwed(request.eligible);
    const decisionId = decisionIdOf('rules', request);
    return { campaignId, itemId, propensity: 1, decisionId };
  },
};
