import { FoyerError } from '@foyer/contracts';
import type {
  AdmissionDeps,
  AnnulmentInput,
  LedgerAdmission,
  PassageInput,
  ReversalResult,
} from './ports.ts';
import { recordReversal } from './record.ts';

type PassageDeps = Pick<AdmissionDeps, 'self' | 'ledger' | 'events' | 'replica' | 'clock'>;
type Cause = 'did-not-turn' | 'undo' | 'exit';

/**
 * What the turnstile did. "Did not turn" and "exit" reverse the scan's admission: the ticket's next
 * right opens. An exit may be told to any gate that knows the admission. Idempotent.
 * Throws FoyerError `not-found` for a scan that this node does not know, `disk-full`.
 */
export function applyPassage(deps: PassageDeps, request: PassageInput): ReversalResult {
  const admission = deps.ledger.admissionByScan(request.scanId);
  if (admission === null) {
    if (deps.ledger.scan(request.scanId) !== null) return nothing(deps);
    throw new FoyerError('not-found', `This gate knows no scan ${request.scanId}.`);
  }
  return request.outcome === 'turned' ? nothing(deps) : reverse(deps, admission, request.outcome);
}

/** Undoes an admission made at this gate. Idempotent. Throws `not-found`, `disk-full`. */
export function applyAnnulment(deps: PassageDeps, request: AnnulmentInput): ReversalResult {
  const admission = deps.ledger.admissionByScan(request.scanId);
  if (admission === null || admission.gate !== deps.self.node) {
    throw new FoyerError('not-found', `This gate admitted nobody by scan ${request.scanId}.`);
  }
  return reverse(deps, admission, 'undo');
}

function nothing(deps: PassageDeps): ReversalResult {
  return { right: null, atMs: deps.clock.nowMs() };
}

function reverse(deps: PassageDeps, admission: LedgerAdmission, cause: Cause): ReversalResult {
  const { ledger, events, self, clock } = deps;
  const { right, scanId } = admission;
  const before = ledger.reversalOf(right);
  if (before !== null) return { right, atMs: before.atMs };
  const atMs = clock.nowMs();
  const body = { kind: 'reversal', right, cause, scanId, gate: self.node, atMs } as const;
  ledger.transaction(() => {
    const { eventId } = events.append(body);
    recordReversal(deps, { eventId, body });
  });
  events.flush();
  return { right, atMs };
}
