import { laneOfKind, theatreNoOf, type EventBody, type Lane, type Role } from '@foyer/contracts';

import type { RefusalReason } from './refusals.ts';

const toldByScreens: ReadonlySet<EventBody['kind']> = new Set([
  'play',
  'play-seal',
  'screen-fault',
  'emergency-shown',
] as const);

/** Why an event is rejected for good. */
export interface EventFault {
  code: Extract<RefusalReason, 'foreign-gate' | 'wrong-lane' | 'wrong-role' | 'wrong-theatre'>;
  message: string;
}

/**
 * Judges what an event claims against the lane that it stands in: a node reports what happened at
 * itself, whoever carries the report. `theatreNo` null leaves the ticket's theatre unjudged, and
 * `role` absent what only screens may tell; null is a node that nobody knows.
 */
export function judgeEvent(
  origin: { node: string; lane: Lane; theatreNo: number | null; role?: Role | null },
  body: EventBody,
): EventFault | null {
  const { node, lane, theatreNo, role } = origin;
  if (laneOfKind[body.kind] !== lane) {
    const message = `A ${body.kind} does not belong to the lane ${lane}.`;
    return { code: 'wrong-lane', message };
  }
  if ('gate' in body && body.gate !== node) {
    return { code: 'foreign-gate', message: `${node} reports for ${body.gate}.` };
  }
  if (role !== undefined && role !== 'screen' && toldByScreens.has(body.kind)) {
    return { code: 'wrong-role', message: `${node} is no screen: it tells no ${body.kind}.` };
  }
  if (theatreNo === null || !('right' in body)) return null;
  if (theatreNoOf(body.right.ticketId) === theatreNo) return null;
  return { code: 'wrong-theatre', message: 'The ticket is of another theatre.' };
}
