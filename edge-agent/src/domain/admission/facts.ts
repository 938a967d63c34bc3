import {
  parseTicketCode,
  rotatingSkewSteps,
  rotatingStepMs,
  type TicketCode,
} from '@foyer/contracts';
import type { AdmissionDeps } from './ports.ts';
import type { Facts, StepCheck } from './rules.ts';

type FactDeps = Pick<
  AdmissionDeps,
  'self' | 'replica' | 'verifySignature' | 'stepCode' | 'clockAgreed'
>;

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Checks a rotating code's step against now and `rotatingSkewSteps` steps to either side. */
function checkStep(deps: FactDeps, code: TicketCode, nowMs: number): StepCheck {
  if (code.stepCode === null) return 'absent';
  const key = deps.replica.showKey(code.showNo);
  if (key === null) return 'no-key';
  const nowStep = Math.floor(nowMs / rotatingStepMs);
  for (let skew = -rotatingSkewSteps; skew <= rotatingSkewSteps; skew += 1) {
    const step = nowStep + skew;
    if (step >= 0 && equal(deps.stepCode(key.key, code.ticketId, step), code.stepCode)) {
      return 'right';
    }
  }
  return 'wrong';
}

/** Reads what the rules need of a scanned text, and checks the signature. */
export function gatherFacts(deps: FactDeps, text: string, nowMs: number): Facts {
  const { replica, self } = deps;
  const parsed = parseTicketCode(text);
  const code = parsed.outcome === 'code' ? parsed.code : null;
  const key = code === null ? null : replica.key(code.keyId);
  const signatureOk =
    code !== null && key !== null && deps.verifySignature(key.publicKey, code.core, code.signature);
  // Nothing is looked up for a code that nobody signed.
  const trusted = signatureOk ? code : null;
  const ticket = trusted === null ? null : replica.ticket(trusted.ticketId);
  const show = trusted === null ? null : replica.show(ticket?.showNo ?? trusted.showNo);
  return {
    parsed,
    theatreNo: self.theatreNo,
    theatre: replica.theatre(),
    key,
    signatureOk,
    step: trusted?.kind === 'rotating' ? checkStep(deps, trusted, nowMs) : 'absent',
    ticket,
    show,
    film: show === null ? null : replica.film(show.filmId),
    auditorium: show === null ? null : replica.auditorium(show.auditorium),
    gateAuditoriums: replica.node(self.node)?.auditoriums ?? [],
    nowMs,
    cursorAgeMs: replica.cursor().ageMs,
    clockAgreed: deps.clockAgreed(),
  };
}
