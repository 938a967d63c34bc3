import type { Attempt, MessageOf, NodeId, Right } from '@foyer/contracts';
import { sameAttempt } from './attempts.ts';
import type { Electorate } from './electors.ts';

type VoteAnswer = MessageOf<'vote'>['answer'];
export type AdmissionRef = Extract<VoteAnswer, { kind: 'admitted' }>['admission'];

/** How long electors have to answer, and a witness after them. */
export const electorTimeoutMs = 100;
export const witnessTimeoutMs = 50;
/** How long one witness has before the next is asked: the first may just have died. */
export const witnessSliceMs = 25;
/** Slower electors are asked once more then, and those beyond the needed ones as well. */
export const hedgeMs = 15;
/** With a vote held elsewhere, a silent elector is waited for no longer than this. */
export const giveWayMs = 50;
/** While votes are split, the claimant that stays asks again this often. */
export const retryMs = 8;
/** An attempt older than this wins nothing: a node that begins to vote again waits longer. */
export const attemptLifeMs = 400;

/** What is known of one node's vote; nothing yet is `undefined`. */
export type Answer =
  | { kind: 'granted' }
  | { kind: 'held'; holder: Attempt }
  | { kind: 'admitted'; admission: AdmissionRef }
  /** It gives no vote: it recovers, or lives in another config epoch. */
  | { kind: 'refused' };

export type Phase =
  | { name: 'electing'; hedged: boolean; retryAtMs: number | null }
  | { name: 'witnessing'; target: NodeId | null; targetUntilMs: number; untilMs: number };

type Electing = Extract<Phase, { name: 'electing' }>;
type Witnessing = Extract<Phase, { name: 'witnessing' }>;

/** One attempt of this node at one right. It lives in memory only: a start abandons it. */
export interface Claim {
  readonly self: NodeId;
  readonly right: Right;
  readonly attempt: Attempt;
  readonly electorate: Electorate;
  readonly startedMs: number;
  /** Electors have until then (monotonic); a witness has `witnessTimeoutMs` more. */
  readonly electorsUntilMs: number;
  /** This node's own vote, elector or not. */
  readonly own: Answer;
  readonly answers: Map<NodeId, Answer>;
  /** Nodes that were asked and may hold a vote for this attempt. */
  readonly asked: Set<NodeId>;
  phase: Phase;
}

export type Outcome =
  | { kind: 'won'; votes: NodeId[] }
  /** Too few electors could be asked, and nobody objected. */
  | { kind: 'degraded'; votes: NodeId[]; silent: NodeId[] }
  | { kind: 'conflict' }
  | { kind: 'admitted'; admission: AdmissionRef };

export type ClaimStep =
  | { kind: 'wait'; ask: { node: NodeId; witness: boolean }[]; wakeAtMs: number }
  | { kind: 'ended'; outcome: Outcome };

export interface World {
  /** Monotonic. */
  nowMs: number;
  reachable: ReadonlySet<NodeId>;
}

export function newClaim(
  given: Pick<Claim, 'self' | 'right' | 'attempt' | 'electorate' | 'own' | 'electorsUntilMs'> & {
    nowMs: number;
  },
): Claim {
  const { nowMs, ...rest } = given;
  const answers = new Map<NodeId, Answer>();
  if (given.electorate.electors.includes(given.self)) answers.set(given.self, given.own);
  return {
    ...rest,
    startedMs: nowMs,
    answers,
    asked: new Set(),
    phase: { name: 'electing', hedged: false, retryAtMs: null },
  };
}

/** Takes a node's answer in. A grant stays: only this node can give it back. */
export function noteAnswer(claim: Claim, from: NodeId, answer: VoteAnswer): void {
  if (!claim.asked.has(from) || claim.answers.get(from)?.kind === 'granted') return;
  switch (answer.kind) {
    case 'granted':
    case 'admitted':
    case 'held':
      claim.answers.set(from, answer);
      return;
    case 'wrong-epoch':
    case 'recovering':
      claim.answers.set(from, { kind: 'refused' });
  }
}

function votesOf(claim: Claim): NodeId[] {
  return claim.electorate.electors.filter((node) => claim.answers.get(node)?.kind === 'granted');
}

function admissionOf(claim: Claim): AdmissionRef | null {
  for (const answer of claim.answers.values()) {
    if (answer.kind === 'admitted') return answer.admission;
  }
  return null;
}

function isHeld(claim: Claim, node: NodeId): boolean {
  return claim.answers.get(node)?.kind === 'held';
}

/**
 * True when this claimant holds the lowest-ranked vote and nobody else has won: others give way.
 */
function mayPersist(claim: Claim): boolean {
  const { electors, quorum } = claim.electorate;
  const given = electors.filter((node) => {
    const kind = claim.answers.get(node)?.kind;
    return kind === 'granted' || kind === 'held';
  });
  const lowest = given[0];
  if (lowest === undefined || claim.answers.get(lowest)?.kind !== 'granted') return false;
  const holders = given.flatMap((node) => {
    const answer = claim.answers.get(node);
    return answer?.kind === 'held' ? [answer.holder] : [];
  });
  return !holders.some(
    (holder) => holders.filter((other) => sameAttempt(other, holder)).length >= quorum,
  );
}

/** Decides what follows from what is known by now; asks, waits or ends. */
export function advanceClaim(claim: Claim, world: World): ClaimStep {
  const admission = admissionOf(claim);
  if (admission !== null) return ended({ kind: 'admitted', admission });
  const votes = votesOf(claim);
  const alive = world.nowMs - claim.startedMs < attemptLifeMs;
  if (alive && votes.length >= claim.electorate.quorum) return ended({ kind: 'won', votes });
  return claim.phase.name === 'electing'
    ? elect(claim, claim.phase, world, votes.length)
    : witness(claim, claim.phase, world);
}

function ended(outcome: Outcome): ClaimStep {
  return { kind: 'ended', outcome };
}

function elect(claim: Claim, phase: Electing, world: World, votes: number): ClaimStep {
  const { electors } = claim.electorate;
  const timedOut = world.nowMs >= claim.electorsUntilMs;
  const open = electors.filter((node) => !claim.answers.has(node) && world.reachable.has(node));
  const conflict = electors.some((node) => isHeld(claim, node));
  const persists = conflict && phase.hedged && mayPersist(claim);
  const split = conflict && world.nowMs >= claim.startedMs + giveWayMs;
  if (!timedOut && open.length > 0 && !persists && !split) {
    return askElectors(claim, phase, world, { open, votes });
  }
  if (!conflict) {
    const untilMs = world.nowMs + witnessTimeoutMs;
    const next = { name: 'witnessing', target: null, targetUntilMs: 0, untilMs } as const;
    claim.phase = next;
    return witness(claim, next, world);
  }
  if (timedOut || !mayPersist(claim)) return ended({ kind: 'conflict' });
  return persist(claim, phase, world);
}

/** Asks as many electors as votes are missing, lowest rank first; all of them when that is slow. */
function askElectors(
  claim: Claim,
  phase: Electing,
  world: World,
  { open, votes }: { open: readonly NodeId[]; votes: number },
): ClaimStep {
  const hedgeAtMs = Math.min(claim.startedMs + hedgeMs, claim.electorsUntilMs);
  if (world.nowMs >= hedgeAtMs) {
    const ask = phase.hedged ? open.filter((node) => !claim.asked.has(node)) : open;
    claim.phase = { ...phase, hedged: true };
    const giveWayAtMs = claim.startedMs + giveWayMs;
    const nextMs = world.nowMs < giveWayAtMs ? giveWayAtMs : claim.electorsUntilMs;
    return asking(claim, ask, Math.min(nextMs, claim.electorsUntilMs));
  }
  const waitingFor = open.filter((node) => claim.asked.has(node)).length;
  const missing = Math.max(0, claim.electorate.quorum - votes - waitingFor);
  const ask = open.filter((node) => !claim.asked.has(node)).slice(0, missing);
  return asking(claim, ask, hedgeAtMs);
}

function asking(claim: Claim, nodes: readonly NodeId[], wakeAtMs: number): ClaimStep {
  for (const node of nodes) claim.asked.add(node);
  return { kind: 'wait', ask: nodes.map((node) => ({ node, witness: false })), wakeAtMs };
}

/** Asks those again that gave their vote to another: it gives way, or its node is gone. */
function persist(claim: Claim, phase: Electing, world: World): ClaimStep {
  const retryAtMs = phase.retryAtMs ?? world.nowMs + retryMs;
  const due = world.nowMs >= retryAtMs;
  const nextMs = due ? world.nowMs + retryMs : retryAtMs;
  claim.phase = { ...phase, retryAtMs: nextMs };
  const again = claim.electorate.electors.filter(
    (node) => due && isHeld(claim, node) && world.reachable.has(node),
  );
  return asking(claim, again, Math.min(nextMs, claim.electorsUntilMs));
}

/** The first node of the order that can answer stands in for the electors, within its group. */
function witness(claim: Claim, phase: Witnessing, world: World): ClaimStep {
  const { electorate } = claim;
  const objects = [...claim.answers.values()].some((answer) => answer.kind === 'held');
  if (objects || claim.own.kind === 'held') return ended({ kind: 'conflict' });
  if (world.nowMs >= phase.untilMs) return degraded(claim);
  for (const node of electorate.order) {
    const answer = node === claim.self ? claim.own : claim.answers.get(node);
    if (answer?.kind === 'granted') return degraded(claim);
    if (answer !== undefined || node === claim.self || !world.reachable.has(node)) continue;
    if (node === phase.target) {
      if (world.nowMs >= phase.targetUntilMs) continue;
      return { kind: 'wait', ask: [], wakeAtMs: phase.targetUntilMs };
    }
    if (claim.asked.has(node)) continue;
    const targetUntilMs = Math.min(world.nowMs + witnessSliceMs, phase.untilMs);
    claim.phase = { ...phase, target: node, targetUntilMs };
    claim.asked.add(node);
    const isElector = electorate.electors.includes(node);
    return { kind: 'wait', ask: [{ node, witness: !isElector }], wakeAtMs: targetUntilMs };
  }
  return degraded(claim);
}

function degraded(claim: Claim): ClaimStep {
  const { electors } = claim.electorate;
  return ended({
    kind: 'degraded',
    votes: votesOf(claim),
    silent: electors.filter((node) => node !== claim.self && !claim.answers.has(node)),
  });
}
