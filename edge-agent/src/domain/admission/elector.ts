import { rightKey, type Attempt, type MessageOf, type NodeId, type Right } from '@foyer/contracts';
import { sameAttempt, supersedes } from './attempts.ts';
import type { AdmissionDeps } from './ports.ts';

type VoteAsk = MessageOf<'vote-ask'>;
export type VoteAnswer = MessageOf<'vote'>['answer'];

/** Votes of a restarted node that are asked after at once; the rest when they get in the way. */
const askedAfterRestart = 256;
/** Boots of this many peers are remembered. */
const peersRemembered = 256;

export interface ElectorDeps extends Pick<
  AdmissionDeps,
  'self' | 'ledger' | 'replica' | 'mesh' | 'logger' | 'onRefused'
> {
  /** The right's attempt of this very node that is in flight, if there is one. */
  ownAttempt(right: Right): Attempt | null;
  /** False while this node's votes of that epoch may be incomplete. */
  votesIn(configEpoch: number): boolean;
}

/**
 * Gives one durable vote a right. A vote is committed before it is answered, and only its holder
 * gives it back, or a later attempt of the same start, which proves that it was abandoned.
 */
export class Elector {
  readonly #deps: ElectorDeps;
  readonly #boots = new Map<NodeId, number>();

  constructor(deps: ElectorDeps) {
    this.#deps = deps;
  }

  /** What this node's own vote says to its own attempt: volatile until the admission commits. */
  ownAnswer(right: Right, configEpoch: number): { kind: 'granted' | 'refused' } | HeldAnswer {
    const vote = this.#deps.ledger.vote(right);
    if (vote !== null && !this.#isOwn(vote.attempt)) {
      this.#askAfter(right, vote.attempt);
      return { kind: 'held', holder: vote.attempt };
    }
    return { kind: this.#deps.votesIn(configEpoch) ? 'granted' : 'refused' };
  }

  onVoteAsk(from: NodeId, ask: VoteAsk): void {
    // A node claims for itself only.
    if (!this.#speaksForItself(from, ask.attempt, 'vote-ask')) return;
    const answer = this.#decide(ask);
    const { right, attempt } = ask;
    this.#deps.mesh.send(from, { type: 'vote', right, attempt, answer });
  }

  onRelease(from: NodeId, right: Right, attempt: Attempt): void {
    if (!this.#speaksForItself(from, attempt, 'vote-release')) return;
    const { ledger } = this.#deps;
    const vote = ledger.vote(right);
    if (vote === null || !sameAttempt(vote.attempt, attempt)) return;
    ledger.transaction(() => ledger.deleteVote(right));
  }

  /** A peer's boot was heard: a start abandons what earlier ones left. */
  onBoot(from: NodeId, boot: number): void {
    if (this.#boots.get(from) === boot) return;
    if (this.#boots.size >= peersRemembered) this.#boots.clear();
    this.#boots.set(from, boot);
    const left = this.#deps.ledger.openVotesOf(from, boot, askedAfterRestart);
    for (const vote of left) this.#askAfter(vote.right, vote.attempt);
  }

  #speaksForItself(from: NodeId, attempt: Attempt, type: 'vote-ask' | 'vote-release'): boolean {
    if (attempt.node === from) return true;
    this.#deps.onRefused?.(from, type, 'foreign-identity');
    return false;
  }

  #decide(ask: VoteAsk): VoteAnswer {
    const { ledger } = this.#deps;
    const { right, attempt, configEpoch } = ask;
    const admission = ledger
      .admissionsOf(right.ticketId)
      .find((candidate) => candidate.right.n === right.n);
    if (admission !== undefined) {
      const { gate, atMs } = admission;
      return { kind: 'admitted', admission: { gate, atMs } };
    }
    const known = this.#epochOf(ask);
    // A witness stands in where no electorate can be formed; its word does not count as a vote.
    if (!ask.witness && known !== configEpoch) return { kind: 'wrong-epoch', configEpoch: known };
    if (!this.#deps.votesIn(configEpoch)) return { kind: 'recovering' };
    const own = this.#deps.ownAttempt(right);
    if (own !== null) return { kind: 'held', holder: own };
    const vote = ledger.vote(right);
    if (vote !== null && sameAttempt(vote.attempt, attempt)) return { kind: 'granted' };
    if (vote !== null && !supersedes(attempt, vote.attempt)) {
      this.#askAfter(right, vote.attempt);
      return { kind: 'held', holder: vote.attempt };
    }
    ledger.transaction(() => ledger.putVote({ right, showNo: ask.showNo, configEpoch, attempt }));
    return { kind: 'granted' };
  }

  /** The epoch that this node claims the right under; 0 when it knows of none. */
  #epochOf(ask: VoteAsk): number {
    const { replica } = this.#deps;
    const ticket = replica.ticket(ask.right.ticketId);
    // One of the two has not heard that the ticket was moved: such a green is to be flagged.
    if (ticket !== null && ticket.showNo !== ask.showNo) return 0;
    return replica.show(ask.showNo)?.configEpoch ?? 0;
  }

  #isOwn(attempt: Attempt): boolean {
    return attempt.node === this.#deps.self.node && this.#deps.ledger.isOwnBoot(attempt.boot);
  }

  /** Asks a holder whether its attempt still lives: a release may have been lost. */
  #askAfter(right: Right, attempt: Attempt): void {
    if (attempt.node === this.#deps.self.node) return;
    const sent = this.#deps.mesh.send(attempt.node, { type: 'attempt-ask', right, attempt });
    if (!sent) this.#deps.logger.debug('holder-unreachable', { right: rightKey(right) });
  }
}

export type HeldAnswer = Extract<VoteAnswer, { kind: 'held' }>;
