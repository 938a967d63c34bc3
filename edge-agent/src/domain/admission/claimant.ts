import { rightKey, type Attempt, type MessageOf, type NodeId, type Right } from '@foyer/contracts';
import type { Timer } from '@foyer/platform';
import { sameAttempt } from './attempts.ts';
import {
  advanceClaim,
  newClaim,
  noteAnswer,
  type Answer,
  type Claim,
  type Outcome,
} from './claim.ts';
import type { Electorate } from './electors.ts';
import type { AdmissionDeps } from './ports.ts';

/** Attempts begin at a random number below this, so that a disk's copy does not repeat them. */
const firstAttempts = 2 ** 40;

interface Running {
  claim: Claim;
  showNo: number;
  timer: Timer | null;
  end: (outcome: Outcome) => void;
}

export type ClaimantDeps = Pick<
  AdmissionDeps,
  'self' | 'ledger' | 'mesh' | 'clock' | 'random' | 'logger' | 'onRefused'
>;

export interface ClaimOrder {
  right: Right;
  showNo: number;
  electorate: Electorate;
  own: Answer;
  electorsUntilMs: number;
  /** Called once, later or at once. Unless it admits, it must call `abandon`. */
  end: (outcome: Outcome) => void;
}

/** Runs this node's claims: one at a time for a right. */
export class Claimant {
  readonly #deps: ClaimantDeps;
  readonly #running = new Map<string, Running>();
  /** Attempts of this start have numbers above `#firstAttempt`, up to `#attempts`. */
  readonly #firstAttempt: number;
  #attempts: number;

  constructor(deps: ClaimantDeps) {
    this.#deps = deps;
    this.#firstAttempt = Math.floor(deps.random.float() * firstAttempts);
    this.#attempts = this.#firstAttempt;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** The attempt that keeps this node's own vote for a right from others. */
  attemptAt(right: Right): Attempt | null {
    return this.#running.get(rightKey(right))?.claim.attempt ?? null;
  }

  start(order: ClaimOrder): void {
    const { self, clock } = this.#deps;
    this.#attempts += 1;
    const claim = newClaim({
      self: self.node,
      right: order.right,
      attempt: { node: self.node, boot: self.boot, n: this.#attempts },
      electorate: order.electorate,
      own: order.own,
      electorsUntilMs: order.electorsUntilMs,
      nowMs: clock.monotonicMs(),
    });
    const running: Running = { claim, showNo: order.showNo, timer: null, end: order.end };
    this.#running.set(rightKey(order.right), running);
    this.#advance(running);
  }

  /** Ends the attempt as admitted: its votes stay given. */
  settle(right: Right): void {
    this.#remove(right);
  }

  /**
   * Ends the attempt for good and gives its votes back. An attempt lives in memory only and no
   * start takes one up again, so forgetting it is already durable.
   */
  abandon(right: Right): void {
    const running = this.#remove(right);
    if (running === null) return;
    const { attempt, asked } = running.claim;
    for (const node of asked) {
      this.#deps.mesh.send(node, { type: 'vote-release', right, attempt });
    }
  }

  onVote(from: NodeId, vote: MessageOf<'vote'>): void {
    if (vote.attempt.node !== this.#deps.self.node) {
      this.#deps.onRefused?.(from, 'vote', 'foreign-identity');
      return;
    }
    const running = this.#running.get(rightKey(vote.right));
    if (running !== undefined && sameAttempt(running.claim.attempt, vote.attempt)) {
      const asked = running.claim.asked.has(from);
      if (!asked) this.#deps.onRefused?.(from, 'vote', 'not-asked');
      noteAnswer(running.claim, from, vote.answer);
      this.#advance(running);
      return;
    }
    if (vote.answer.kind === 'granted') this.#answerFor(from, vote.right, vote.attempt);
  }

  /** An elector asks what became of an attempt, or gave a vote to one that is over. */
  onAttemptAsk(from: NodeId, right: Right, attempt: Attempt): void {
    if (attempt.node !== this.#deps.self.node) {
      this.#deps.onRefused?.(from, 'attempt-ask', 'foreign-identity');
      return;
    }
    const running = this.#running.get(rightKey(right));
    if (running !== undefined && sameAttempt(running.claim.attempt, attempt)) return;
    this.#answerFor(from, right, attempt);
  }

  /** The right was admitted elsewhere while it was being claimed here. */
  onAdmission(right: Right, admission: { gate: NodeId; atMs: number }): void {
    const running = this.#running.get(rightKey(right));
    if (running === undefined) return;
    this.#finish(running, { kind: 'admitted', admission });
  }

  /** The set of reachable peers changed: nobody waits for one that went. */
  onPeersChanged(): void {
    for (const running of [...this.#running.values()]) this.#advance(running);
  }

  close(): void {
    for (const running of this.#running.values()) running.timer?.cancel();
    this.#running.clear();
  }

  /** Releases an attempt of this disk that did not admit; of a copy's nothing is known. */
  #answerFor(elector: NodeId, right: Right, attempt: Attempt): void {
    const { self, ledger, mesh } = this.#deps;
    if (attempt.node !== self.node || !this.#isOwn(attempt)) return;
    const admitted = ledger
      .admissionsOf(right.ticketId)
      .some((admission) => admission.right.n === right.n && admission.gate === self.node);
    if (!admitted) mesh.send(elector, { type: 'vote-release', right, attempt });
  }

  #isOwn(attempt: Attempt): boolean {
    const { self, ledger } = this.#deps;
    if (attempt.boot !== self.boot) return ledger.isOwnBoot(attempt.boot);
    return attempt.n > this.#firstAttempt && attempt.n <= this.#attempts;
  }

  #remove(right: Right): Running | null {
    const key = rightKey(right);
    const running = this.#running.get(key);
    if (running === undefined) return null;
    running.timer?.cancel();
    this.#running.delete(key);
    return running;
  }

  #advance(running: Running): void {
    const { clock, mesh } = this.#deps;
    const { claim } = running;
    const nowMs = clock.monotonicMs();
    running.timer?.cancel();
    running.timer = null;
    const step = advanceClaim(claim, { nowMs, reachable: new Set(mesh.reachable()) });
    if (step.kind === 'ended') {
      this.#finish(running, step.outcome);
      return;
    }
    running.timer = clock.setTimer('claim', Math.max(0, step.wakeAtMs - nowMs), () => {
      running.timer = null;
      this.#advance(running);
    });
    let unsent = 0;
    for (const { node, witness } of step.ask) {
      const sent = mesh.send(node, {
        type: 'vote-ask',
        right: claim.right,
        showNo: running.showNo,
        configEpoch: claim.electorate.configEpoch,
        attempt: claim.attempt,
        witness,
      });
      if (!sent) unsent += 1;
    }
    if (unsent > 0) this.#deps.logger.debug('ask-unsent', { unsent });
  }

  #finish(running: Running, outcome: Outcome): void {
    running.timer?.cancel();
    running.timer = null;
    running.end(outcome);
  }
}
