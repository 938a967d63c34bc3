import type { DoubleReport } from '@foyer/contracts';

type Admissions = DoubleReport['admissions'];

/** Admissions of one right that a report holds at most. */
const maxAdmissions = 64;

/** What two reports of one right know together, oldest first. */
export function admissionUnion(known: Admissions, told: Admissions): Admissions {
  const byId = new Map([...known, ...told].map((admission) => [admission.eventId, admission]));
  return [...byId.values()]
    .sort((a, b) => a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1))
    .slice(0, maxAdmissions);
}
