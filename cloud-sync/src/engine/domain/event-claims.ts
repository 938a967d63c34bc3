import { laneOfKind, theatreNoOf, type EventBody, type Lane } from '@foyer/contracts';

import type { RefusalReason } from './refusals.ts';

/** Why an event is rejected for good. */
export interface EventFault {
  code: Extract<RefusalReason, 'foreign-gate' | 'wrong-lane' | 'wrong-theatre'>;
  message: string;
}

/**
 * Judges what an event claims against the lane that it stands in: a node reports what happened at
 * itself, whoever carries the report. `theatreNo` null leaves the ticket's theatre unjudged.
 */
export function judgeEvent(
  origin: { node: string; lane: Lane; theatreNo: number | null },
  body: EventBody,
): EventFault | null {
  const { node, lane, theatreNo } = origin;
  if (laneOfKind[body.kind] !== lane) {
    const message = `A ${body.kind} does not belong to the lane ${lane}.`;
    return { code: 'wrong-lane', message };
  }
  if ('gate' in body && body.gate !== node) {
    return { code: 'foreign-gate', message: `${node} reports for ${body.gate}.` };
  }
  if (theatreNo === null || !('right' in body)) return null;
  if (theatreNoOf(body.right.ticketId) === theatreNo) return null;
  return { code: 'wrong-theatre', message: 'The ticket is of another theatre.' };
}
