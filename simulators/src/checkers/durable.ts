import type { Checker } from './evidence.ts';
import { at } from './words.ts';

/** What a node holds to be durable is in the cloud, in that very instant, or was once. */
export const checkDurable: Checker = ({ samples }) =>
  samples.flatMap(({ node, runMs, lanes = [] }) =>
    lanes
      .filter(({ durableSeq, cloudSeq }) => durableSeq > cloudSeq)
      .map(({ lane, durableSeq, cloudSeq }) => ({
        law: 'durable-is-in-cloud',
        detail:
          `${node} held its ${lane} durable up to ${durableSeq} at ${at(runMs)}, ` +
          `when the cloud had ${cloudSeq}`,
      })),
  );
