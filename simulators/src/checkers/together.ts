import type { Checker } from './evidence.ts';
import { admissionEvents } from './view.ts';

/**
 * An event and what it reports are on a disk together, or neither is: whatever died, was cut off or
 * was full in between. Looked at when everything has ended, at every node, own and others' events.
 */
export const checkTogether: Checker = ({ nodes }) =>
  nodes.flatMap(({ node, events, admissions }) => {
    if (admissions === undefined) return [];
    const told = new Map(admissionEvents(events).map((event) => [event.eventId, event]));
    const known = new Set(admissions);
    const withoutEffect = [...told.values()].filter(({ eventId }) => !known.has(eventId));
    const untold = admissions.filter((eventId) => !told.has(eventId));
    return [
      ...withoutEffect.map(({ eventId, body }) => ({
        law: 'one-transaction',
        detail:
          `${node} holds the event ${eventId} of an admission at ${body.gate}, scan ` +
          `${body.scanId}, and its ledger knows nothing of it`,
      })),
      ...untold.map((eventId) => ({
        law: 'one-transaction',
        detail: `${node}'s ledger holds the admission ${eventId}, and no event tells of it`,
      })),
    ];
  });
