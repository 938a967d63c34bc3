import { rightKey, type Reason } from '@foyer/contracts';
import type { Checker, Violation } from './evidence.ts';
import { at, lasting, some, verdictWords } from './words.ts';

/**
 * After the faults stop everything drains within `limits.convergeMs`: every replica is at the
 * cloud's head, every event is durable, every node votes.
 */
export const checkConvergence: Checker = (evidence) => {
  const law = 'convergence';
  const { withinMs, left } = evidence.converged;
  const { convergeMs } = evidence.limits;
  if (withinMs === null) {
    return [{ law, detail: `Nothing converged within ${convergeMs} ms: ${some(left, 12)}` }];
  }
  if (withinMs <= convergeMs) return [];
  return [{ law, detail: `It took ${lasting(withinMs)}, and not ${convergeMs} ms at most` }];
};

/** Refusals that a whole theatre may give a guest: they are about the ticket, not the theatre. */
const plainReasons: ReadonlySet<Reason> = new Set([
  'admitted',
  'check-age',
  'already-admitted',
  'wrong-auditorium',
  'wrong-theatre',
  'too-early',
  'too-late',
  'cancelled',
  'refunded',
  'unpaid',
  'blocked',
  'revoked',
  'not-a-ticket',
]);

/**
 * After everything has converged a scan is decided plainly: green or a reason that lies in the
 * ticket, without any flag. Nothing stays claimed, no gate stays out of the vote, no clock and no
 * replica stays doubtful. One thing may: a vote that a lost disk's process asked for, and which
 * nobody can know to be abandoned. Its right stays amber, and a steward overrides. And where a gate
 * could not commit a scan, its votes stay given until somebody is in need of them: who asks first
 * is told to wait, and nobody after.
 */
export const checkLiveness: Checker = (evidence) => {
  const diskLost = evidence.losses.some(({ node }) => node !== 'cloud');
  const uncommitted = evidence.failedScans.some(({ crashed }) => !crashed);
  const waited = new Set<string>();
  return evidence.probes.flatMap(({ gate, runMs, verdict }) => {
    const { colour, reason, flags, scanId, right } = verdict;
    if (diskLost && reason === 'claimed-elsewhere') return [];
    if (uncommitted && reason === 'claimed-elsewhere' && right !== undefined) {
      const first = !waited.has(rightKey(right));
      waited.add(rightKey(right));
      if (first) return [];
    }
    if (colour !== 'amber' && flags.length === 0 && plainReasons.has(reason)) return [];
    const ticket = right === undefined ? '' : ` of ${right.ticketId}/${right.n}`;
    const answer = verdictWords(verdict);
    const detail = `${gate} answered probe ${scanId}${ticket} at ${at(runMs)}: ${answer}`;
    return [{ law: 'liveness', detail }];
  });
};

/** No queue, table or set of timers grows beyond what the run says it may hold. */
export const checkBounds: Checker = (evidence) => {
  const worst = new Map<string, { size: number; runMs: number; limit: number }>();
  for (const { runMs, node, queues } of evidence.samples) {
    for (const [name, size] of Object.entries(queues)) {
      const limit = evidence.limits.queues[name];
      if (limit === undefined || size <= limit) continue;
      const key = `${node}'s ${name}`;
      if (size > (worst.get(key)?.size ?? 0)) worst.set(key, { size, runMs, limit });
    }
  }
  return [...worst].map(([key, { size, runMs, limit }]) => ({
    law: 'bounded',
    detail: `${key} held ${size} at ${at(runMs)}; the bound is ${limit}`,
  }));
};

/**
 * No message of an honest node ends as a dead letter. Letters are allowed of the nodes in whose
 * name the run itself sent hostile or garbled messages, up to the number of those; and a cloud that
 * was set back does not know nodes that were added since, until the operator adds them again.
 */
export const checkLetters: Checker = (evidence) => {
  const wrong: Violation[] = [];
  const sent = new Map<string, number>();
  for (const { node, count } of evidence.injected ?? []) {
    sent.set(node, (sent.get(node) ?? 0) + count);
  }
  const letters = new Map<string, string[]>();
  const setBack = evidence.losses.some(({ node }) => node === 'cloud');
  for (const { node, code } of evidence.cloud.deadLetters) {
    if (setBack && code === 'unknown-node') continue;
    const codes = letters.get(node);
    if (codes === undefined) letters.set(node, [code]);
    else codes.push(code);
  }
  for (const [node, codes] of letters) {
    const allowed = sent.get(node) ?? 0;
    if (codes.length <= allowed) continue;
    const detail =
      `The cloud has ${codes.length} dead letters of ${node} (${some(new Set(codes))}); ` +
      `${allowed} bad messages were sent in its name`;
    wrong.push({ law: 'dead-letters', detail });
  }
  return wrong;
};
