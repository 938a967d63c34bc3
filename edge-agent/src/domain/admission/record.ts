import type { EventBody, MessageOf } from '@foyer/contracts';
import type { AdmissionDeps, LedgerAdmission, LedgerReversal, ReceivedEvent } from './ports.ts';

type Body<K extends EventBody['kind']> = Extract<EventBody, { kind: K }>;
export type AdmissionBody = Body<'admission'>;
export type ReversalBody = Body<'reversal'>;
export type AdmissionRef = Extract<MessageOf<'vote'>['answer'], { kind: 'admitted' }>['admission'];

/** A report lists at most so many admissions of a right. */
const reportedAdmissions = 64;

type RecordDeps = Pick<AdmissionDeps, 'ledger' | 'events' | 'replica'>;

/**
 * Puts an admission into the ledger, once, and reports the right when it has more than one. Every
 * node that learns of an extra admission reports it: whoever dies, somebody's report arrives, and
 * the cloud merges reports by right. Must run inside a transaction.
 */
export function recordAdmission(
  deps: RecordDeps,
  event: { eventId: string; body: AdmissionBody },
  own: boolean,
): boolean {
  const { ledger } = deps;
  const { right, showNo, gate, scanId, atMs, flags } = event.body;
  const admission: LedgerAdmission = {
    eventId: event.eventId,
    right,
    showNo,
    gate,
    scanId,
    atMs,
    flags,
  };
  if (!ledger.addAdmission(admission, own)) return false;
  ledger.count(`show:${showNo}`, 1);
  ledger.count(`gate:${gate}`, 1);
  reportDouble(deps, admission);
  return true;
}

function reportDouble(deps: RecordDeps, added: LedgerAdmission): void {
  const { ledger, events } = deps;
  const { right } = added;
  const all = ledger
    .admissionsOf(right.ticketId)
    .filter((admission) => admission.right.n === right.n);
  if (all.length < 2) return;
  ledger.count('doubles', 1);
  events.append({
    kind: 'double-report',
    right,
    admissions: all.slice(0, reportedAdmissions).map(({ eventId, gate, atMs, flags }) => ({
      eventId,
      gate,
      atMs,
      flags: [...flags],
    })),
  });
}

/** Puts a reversal into the ledger: the ticket's next right opens. Must run in a transaction. */
export function recordReversal(
  deps: RecordDeps,
  event: { eventId: string; body: ReversalBody },
): boolean {
  const { ledger, replica } = deps;
  const { right, gate, atMs } = event.body;
  const reversal: LedgerReversal = { eventId: event.eventId, right, gate, atMs };
  if (!ledger.addReversal(reversal)) return false;
  const admission = ledger
    .admissionsOf(right.ticketId)
    .find((candidate) => candidate.right.n === right.n);
  const showNo = admission?.showNo ?? replica.ticket(right.ticketId)?.showNo;
  if (showNo !== undefined) ledger.count(`show:${showNo}`, -1);
  ledger.count(`gate:${admission?.gate ?? gate}`, -1);
  return true;
}

/**
 * Applies another node's event inside the receiver's transaction. Answers the admission when it is
 * news, so that a claim for the same right can end.
 */
export function applyReceived(deps: RecordDeps, event: ReceivedEvent): AdmissionBody | null {
  const { eventId, body } = event;
  if (body.kind === 'admission') {
    return recordAdmission(deps, { eventId, body }, false) ? body : null;
  }
  if (body.kind === 'reversal') recordReversal(deps, { eventId, body });
  return null;
}
