import { rightKey, type AdmissionEvent } from '@foyer/contracts';
import type { Checker } from './evidence.ts';
import { admissionEvents } from './view.ts';

/**
 * An event and what it reports are on a disk together, or neither is: whatever died, was cut off or
 * was full in between. Looked at when everything has ended, at every node, own and others' events.
 * Two events of one scan at one gate, which a restored disk makes when the same scan is sent again,
 * are one admission: either may stand for it in a ledger.
 */
export const checkTogether: Checker = ({ nodes }) =>
  nodes.flatMap(({ node, events, admissions }) => {
    if (admissions === undefined) return [];
    const told = new Map(admissionEvents(events).map((event) => [event.eventId, event]));
    const known = new Set(admissions.flatMap((id) => scanOf(told.get(id)) ?? []));
    const withoutEffect = [...told.values()].filter((event) => !known.has(scanOf(event) ?? ''));
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

function scanOf(event: { body: AdmissionEvent } | undefined): string | null {
  if (event === undefined) return null;
  const { gate, scanId, right } = event.body;
  return `${gate} ${scanId} ${rightKey(right)}`;
}
