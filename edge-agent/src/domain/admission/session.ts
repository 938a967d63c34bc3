import type { Flag, NodeId, Right, Verdict } from '@foyer/contracts';
import type { Timer } from '@foyer/platform';
import type { Claimant } from './claimant.ts';
import { electorTimeoutMs, witnessTimeoutMs, type Answer, type Outcome } from './claim.ts';
import { commitAdmission, commitDenial, type CommitDeps, type Tally } from './commit.ts';
import type { Electorate } from './electors.ts';
import { lastAdmission, lowestOpenRight, type TicketLedger } from './rights.ts';
import type { Passed } from './rules.ts';
import { alreadyAdmitted, claimedElsewhere, strictOffline, type VerdictParts } from './verdicts.ts';

/** A scan is decided by then, whatever the network does. */
const decidedWithinMs = electorTimeoutMs + witnessTimeoutMs;
/**
 * How long a lost claim waits for news of the admission that beat it: red tells more than amber.
 */
const lingerMs = 40;

export interface SessionHost {
  deps: CommitDeps;
  tally: Tally;
  claimant: Claimant;
  electorateOf(right: Right, passed: Passed): Electorate;
  ownAnswer(right: Right, configEpoch: number): Answer;
  /** A claim of this node for the ticket ended: other scans of it may go on. */
  claimEnded(session: ScanSession): void;
}

type State =
  | { name: 'idle' }
  | { name: 'claiming'; right: Right }
  /** Another scan of the ticket at this node is being decided, or news is awaited. */
  | { name: 'waiting'; timer: Timer }
  | { name: 'done' };

export interface SessionOrder {
  scanId: string;
  override: boolean;
  passed: Passed;
  done: (verdict: Verdict) => void;
  fail: (error: unknown) => void;
}

/** One scan on its way through the rights of its ticket. */
export class ScanSession {
  readonly #host: SessionHost;
  readonly #order: SessionOrder;
  readonly #startedMs: number;
  /** Rights that others held when this scan tried them. */
  readonly #conflicts = new Map<number, Right>();
  /** Admissions that electors told of, also where the ledger does not have them yet. */
  readonly #told = new Map<number, { gate: NodeId; atMs: number }>();
  #lingered = false;
  #state: State = { name: 'idle' };

  constructor(host: SessionHost, order: SessionOrder) {
    this.#host = host;
    this.#order = order;
    this.#startedMs = host.deps.clock.monotonicMs();
  }

  get ticketId(): string {
    return this.#order.passed.ticketId;
  }

  get scanId(): string {
    return this.#order.scanId;
  }

  start(): void {
    this.#run();
  }

  /** The ticket's state changed at this node. */
  onNews(): void {
    if (this.#state.name === 'waiting') this.#run();
  }

  /** Gives up without a verdict. */
  cancel(error: unknown): void {
    if (this.#state.name === 'claiming') this.#host.claimant.abandon(this.#state.right);
    this.#settle();
    this.#order.fail(error);
  }

  #run(): void {
    this.#leaveWaiting();
    const ledger = this.#ledger();
    const tried = (n: number): boolean => this.#conflicts.has(n) || this.#told.has(n);
    const busy = (n: number): boolean =>
      this.#host.claimant.attemptAt({ ticketId: this.ticketId, n }) !== null;
    const late = this.#elapsedMs() >= electorTimeoutMs;
    const right = lowestOpenRight(ledger, (n) => tried(n) || busy(n));
    if (right !== null && !late) {
      this.#claim(right);
      return;
    }
    const inHand = lowestOpenRight(ledger, (n) => tried(n) || !busy(n));
    if (inHand !== null && this.#elapsedMs() < decidedWithinMs) {
      this.#wait(decidedWithinMs - this.#elapsedMs());
      return;
    }
    this.#conclude(ledger, right, inHand);
  }

  /** No right is left to try. */
  #conclude(ledger: TicketLedger, untried: Right | null, inHand: Right | null): void {
    const admitted = new Set(ledger.admissions.map((admission) => admission.right.n));
    const held = [...this.#conflicts.values()].find((right) => !admitted.has(right.n));
    const contested = held ?? untried ?? inHand;
    if (contested === null) {
      const admission = lastAdmission(ledger) ?? [...this.#told.values()].at(-1);
      const { passed } = this.#order;
      this.#deny(
        admission === undefined
          ? claimedElsewhere(passed, null)
          : alreadyAdmitted(this.#host.deps, passed, admission),
      );
    } else if (this.#order.override && this.#host.claimant.attemptAt(contested) === null) {
      this.#admit(contested, ['override'], [], []);
    } else if (this.#lingered || this.#elapsedMs() >= decidedWithinMs) {
      this.#deny(claimedElsewhere(this.#order.passed, contested));
    } else {
      this.#lingered = true;
      this.#wait(Math.min(lingerMs, decidedWithinMs - this.#elapsedMs()));
    }
  }

  #claim(right: Right): void {
    const { claimant } = this.#host;
    const { passed } = this.#order;
    this.#state = { name: 'claiming', right };
    claimant.start({
      right,
      showNo: passed.showNo,
      electorate: this.#host.electorateOf(right, passed),
      own: this.#host.ownAnswer(right, passed.show.configEpoch),
      electorsUntilMs: this.#startedMs + electorTimeoutMs,
      end: (outcome) => this.#onOutcome(right, outcome),
    });
  }

  #onOutcome(right: Right, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'won':
        this.#admit(right, [], outcome.votes, []);
        return;
      case 'degraded':
        this.#degrade(right, outcome);
        return;
      case 'conflict':
        this.#conflicts.set(right.n, right);
        this.#abandon(right);
        this.#run();
        return;
      case 'admitted':
        this.#told.set(right.n, outcome.admission);
        this.#abandon(right);
        this.#run();
    }
  }

  #degrade(right: Right, outcome: Extract<Outcome, { kind: 'degraded' }>): void {
    const { passed, override } = this.#order;
    if (passed.mode === 'open') {
      this.#admit(right, ['degraded'], outcome.votes, outcome.silent);
    } else if (override) {
      this.#admit(right, ['degraded', 'override'], outcome.votes, outcome.silent);
    } else {
      this.#abandon(right);
      this.#deny(strictOffline(this.#host.deps, passed, right, outcome.silent));
    }
  }

  #admit(
    right: Right,
    extra: readonly Flag[],
    votes: readonly NodeId[],
    silent: readonly NodeId[],
  ): void {
    const { deps, tally, claimant } = this.#host;
    const { scanId, passed } = this.#order;
    // A steward's override has no claim of its own.
    const claims = this.#state.name === 'claiming';
    try {
      const attempt = claims ? claimant.attemptAt(right) : null;
      const committed = commitAdmission(deps, tally, {
        scanId,
        passed,
        right,
        attempt,
        extra,
        votes,
        silent,
      });
      if (committed.kind === 'green') {
        if (claims) claimant.settle(right);
        this.#finish(committed.verdict);
        return;
      }
      this.#conflicts.delete(right.n);
      this.#told.set(right.n, committed.admission ?? this.#unknownAdmission());
    } catch (error) {
      // An error does not prove that nothing was committed: the votes are not given back. When they
      // get in somebody's way, the electors ask, and the ledger knows.
      if (claims) claimant.settle(right);
      this.#fail(error);
      return;
    }
    this.#abandon(right);
    this.#run();
  }

  #unknownAdmission(): { gate: NodeId; atMs: number } {
    return { gate: this.#host.deps.self.node, atMs: this.#host.deps.clock.nowMs() };
  }

  #deny(parts: VerdictParts): void {
    const { deps, tally } = this.#host;
    const { scanId, passed } = this.#order;
    let verdict: Verdict;
    try {
      verdict = commitDenial(deps, tally, { scanId, subject: passed, parts });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#finish(verdict);
  }

  #finish(verdict: Verdict): void {
    this.#settle();
    this.#order.done(verdict);
    this.#host.claimEnded(this);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#order.fail(error);
    this.#host.claimEnded(this);
  }

  #settle(): void {
    this.#leaveWaiting();
    this.#state = { name: 'done' };
  }

  #abandon(right: Right): void {
    if (this.#state.name !== 'claiming') return;
    this.#host.claimant.abandon(right);
    this.#state = { name: 'idle' };
    this.#host.claimEnded(this);
  }

  #wait(delayMs: number): void {
    const timer = this.#host.deps.clock.setTimer('scan-waits', delayMs, () => this.#run());
    this.#state = { name: 'waiting', timer };
  }

  #leaveWaiting(): void {
    if (this.#state.name !== 'waiting') return;
    this.#state.timer.cancel();
    this.#state = { name: 'idle' };
  }

  #elapsedMs(): number {
    return this.#host.deps.clock.monotonicMs() - this.#startedMs;
  }

  #ledger(): TicketLedger {
    const { ledger } = this.#host.deps;
    const { ticketId } = this;
    return {
      ticketId,
      admissions: ledger.admissionsOf(ticketId),
      reversed: ledger.reversedOf(ticketId),
    };
  }
}
