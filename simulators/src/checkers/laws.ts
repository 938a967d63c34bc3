import { checkAlarms } from './alarms.ts';
import { checkAlone, checkStrict } from './alone.ts';
import type { Checker, RunEvidence, Violation } from './evidence.ts';
import { checkDataAge } from './data-age.ts';
import { checkDurable } from './durable.ts';
import { checkCursors, checkReplicas } from './feeds.ts';
import { checkG0, checkG1, checkG3 } from './greens.ts';
import { checkAcknowledged, checkEffects, checkNumbers } from './outbox.ts';
import { checkBounds, checkConvergence, checkLetters, checkLiveness } from './progress.ts';
import { checkG5, checkRefusals } from './records.ts';
import { checkG4 } from './reports.ts';
import { checkRights } from './rights.ts';
import { checkG6 } from './staleness.ts';
import { checkG2 } from './timing.ts';
import { checkTogether } from './together.ts';

/** A promise, and the checker that holds a run to it; exact conditions are in its docstring. */
export interface Law {
  readonly law: string;
  /** One sentence for docs/guarantees.md. */
  readonly promise: string;
  readonly check: Checker;
}

/** Everything that is promised of a theatre. */
export const laws: readonly Law[] = [
  {
    law: 'G0',
    promise:
      'No gate shows green twice for one entry right, across restart, kill -9 and power cut, and ' +
      'a scan that is sent again gets the same verdict again.',
    check: checkG0,
  },
  {
    law: 'G1',
    promise:
      'In every state of the network at most one green of an entry right is not flagged, and ' +
      'while gates and LAN are sound there is only that one.',
    check: checkG1,
  },
  {
    law: 'G2',
    promise:
      'Every scan is decided within 150 ms plus one local commit, whatever state any network ' +
      'is in.',
    check: checkG2,
  },
  {
    law: 'G3',
    promise: 'With k groups of gates that are cut off from each other there are at most k greens.',
    check: checkG3,
  },
  {
    law: 'G4',
    promise:
      'Once gates meet again every extra green is reported, within 5 s, once for each entry ' +
      'right, with every admission and none invented.',
    check: checkG4,
  },
  {
    law: 'G5',
    promise:
      'A green implies a committed record, which reaches the cloud unless the only disk that ' +
      'held it is lost.',
    check: checkG5,
  },
  {
    law: 'G6',
    promise:
      'Refunds and moves are honoured up to the place in the feed that the verdict names, and ' +
      'decisions on older data than allowed are flagged.',
    check: checkG6,
  },
  {
    law: 'true-ages',
    promise: 'Data is at least as old as a gate tells, however many nodes it came through.',
    check: checkDataAge,
  },
  {
    law: 'true-refusals',
    promise: 'A guest is refused as already admitted only if that admission was made.',
    check: checkRefusals,
  },
  {
    law: 'cursor-monotone',
    promise: "A replica's place in a feed never goes back within an epoch.",
    check: checkCursors,
  },
  {
    law: 'prefix-applied',
    promise: "A node's feeds are the cloud's, row for row and byte for byte, and no others.",
    check: checkReplicas,
  },
  {
    law: 'acknowledged-implies-in-cloud',
    promise: 'What a node holds to be durable is in the cloud.',
    check: checkAcknowledged,
  },
  {
    law: 'effects-once',
    promise: 'Each event has its effect in the cloud exactly once, however often it arrives.',
    check: checkEffects,
  },
  {
    law: 'sequence-never-reused',
    promise: 'A number of a lane belongs to one event for good, and an event has one body.',
    check: checkNumbers,
  },
  {
    law: 'convergence',
    promise: 'After the faults stop everything drains within a bound.',
    check: checkConvergence,
  },
  {
    law: 'liveness',
    promise: 'A theatre that has converged decides every scan plainly, without a flag.',
    check: checkLiveness,
  },
  {
    law: 'bounded',
    promise: 'No queue grows beyond its bound.',
    check: checkBounds,
  },
  {
    law: 'true-alarms',
    promise:
      'A node tells that it mended itself only where a disk was damaged, and that its past came ' +
      'back only where it did: nothing in the protocol itself needs mending.',
    check: checkAlarms,
  },
  {
    law: 'rights',
    promise:
      'A ticket admits as many as its entries and reversals allow, and a whole theatre refuses ' +
      'no right that is open.',
    check: checkRights,
  },
  {
    law: 'dead-letters',
    promise: 'No message of an honest node is refused for good.',
    check: checkLetters,
  },
  {
    law: 'durable-is-in-cloud',
    promise: 'What a node holds to be durable the cloud has committed, in that very instant.',
    check: checkDurable,
  },
  {
    law: 'one-transaction',
    promise: 'An event and what it reports are on a disk together, or neither is.',
    check: checkTogether,
  },
  {
    law: 'true-clock',
    promise:
      'A gate whose clock nobody confirms flags its greens, and never decides by a time before ' +
      'the last that was agreed.',
    check: checkAlone,
  },
  {
    law: 'strict-class',
    promise: 'A ticket of a strict class is admitted with its votes or by a steward, never alone.',
    check: checkStrict,
  },
];

/** Of one law so many breaches are told; a broken run may have a hundred thousand. */
const mostOfALaw = 20;

/** Every broken promise of a run; nothing when it was sound. */
export function checkAll(evidence: RunEvidence): Violation[] {
  return laws.flatMap(({ law, check }) => {
    const found = check(evidence);
    if (found.length <= mostOfALaw) return found;
    const detail = `${found.length - mostOfALaw} more of these`;
    return [...found.slice(0, mostOfALaw), { law, detail }];
  });
}
