import { rightKey, type Flag, type NodeId, type Right, type Verdict } from '@foyer/contracts';
import type { Attempt } from '@foyer/contracts';
import type { AdmissionDeps } from './ports.ts';
import { recordAdmission } from './record.ts';
import { rightsOf } from './rights.ts';
import type { Passed, Subject } from './rules.ts';
import { greenParts, makeVerdict, type VerdictParts } from './verdicts.ts';

export type CommitDeps = Pick<
  AdmissionDeps,
  'self' | 'ledger' | 'events' | 'replica' | 'clock' | 'mesh'
>;

/** Ignored texts cost no commit: they are counted along with the next one. */
export class Tally {
  #ignored = 0;

  get ignored(): number {
    return this.#ignored;
  }

  ignore(): void {
    this.#ignored += 1;
  }

  /** Runs a commit that takes the ignored ones along. */
  within<T>(deps: Pick<CommitDeps, 'ledger'>, work: () => T): T {
    const taken = this.#ignored;
    const result = deps.ledger.transaction(() => {
      if (taken > 0) deps.ledger.count('ignored', taken);
      return work();
    });
    this.#ignored -= taken;
    return result;
  }
}

export interface AdmissionOrder {
  scanId: string;
  passed: Passed;
  right: Right;
  attempt: Attempt | null;
  /** Flags beside those of the rules. */
  extra: readonly Flag[];
  votes: readonly NodeId[];
  silent: readonly NodeId[];
}

export type Committed =
  | { kind: 'green'; verdict: Verdict }
  /** The ledger learned meanwhile that the right is gone; nothing was written. */
  | { kind: 'taken'; admission: { gate: NodeId; atMs: number } | null };

/** Own vote, admission, outbox event and verdict in one transaction: only then is it a green. */
export function commitAdmission(deps: CommitDeps, tally: Tally, order: AdmissionOrder): Committed {
  const { ledger } = deps;
  const { right } = order;
  const ticketId = right.ticketId;
  const admissions = ledger.admissionsOf(ticketId);
  const other = admissions.find((admission) => admission.right.n === right.n);
  const reversed = ledger.reversedOf(ticketId);
  if (other !== undefined || right.n >= rightsOf({ ticketId, admissions, reversed })) {
    const admission = other === undefined ? null : { gate: other.gate, atMs: other.atMs };
    return { kind: 'taken', admission };
  }
  const verdict = makeVerdict(deps, order.scanId, order.passed, {
    ...greenParts(order.passed, right, order.extra),
    ...(order.silent.length === 0 ? {} : { silent: order.silent }),
  });
  tally.within(deps, () => writeAdmission(deps, order, verdict));
  deps.events.flush();
  return { kind: 'green', verdict };
}

function writeAdmission(deps: CommitDeps, order: AdmissionOrder, verdict: Verdict): void {
  const { ledger, events, self } = deps;
  const { right, passed, scanId, attempt, votes } = order;
  const body = {
    kind: 'admission',
    right,
    showNo: passed.showNo,
    scanId,
    gate: self.node,
    atMs: verdict.atMs,
    flags: verdict.flags,
    votes: votes.slice(0, 8),
    configEpoch: passed.show.configEpoch,
  } as const;
  const { eventId } = events.append({ ...body, flags: [...body.flags], votes: [...body.votes] });
  const added = recordAdmission(
    deps,
    { eventId, body: { ...body, flags: [...body.flags], votes: [...body.votes] } },
    true,
  );
  if (!added) throw new Error(`The right ${rightKey(right)} was admitted twice by one scan.`);
  if (attempt !== null) {
    ledger.importVote({
      right,
      showNo: passed.showNo,
      configEpoch: passed.show.configEpoch,
      attempt,
    });
  }
  ledger.putScan(verdict);
  ledger.count('green', 1);
  if (verdict.flags.includes('degraded')) ledger.count('degraded', 1);
}

/** Commits a refusal with its event, and answers its verdict. */
export function commitDenial(
  deps: CommitDeps,
  tally: Tally,
  denial: { scanId: string; subject: Subject; parts: VerdictParts },
): Verdict {
  const { ledger, events, self } = deps;
  const { scanId, subject, parts } = denial;
  const verdict = makeVerdict(deps, scanId, subject, parts);
  const { ticketId, showNo } = subject;
  tally.within(deps, () => {
    events.append({
      kind: 'denial',
      scanId,
      colour: verdict.colour,
      reason: verdict.reason,
      ...(ticketId === undefined ? {} : { ticketId }),
      ...(showNo === undefined ? {} : { showNo }),
      gate: self.node,
      atMs: verdict.atMs,
    });
    ledger.putScan(verdict);
    ledger.count(verdict.colour, 1);
  });
  events.flush();
  return verdict;
}
