import type { Checker, RunEvidence, SeenVerdict, TicketChange } from './evidence.ts';
import { at, lasting } from './words.ts';

/**
 * What an age may be wrong by: a clock that was set back falls to its floor, which is persisted
 * every 30 s, and an answer may be late by as long as it is waited for.
 */
const slackMs = 60_000;

/**
 * The age that a verdict tells of its data is true: where the gate had not heard of a change of a
 * ticket, its data is at least as old as that change, whoever answered it meanwhile. A cloud that
 * is set back forgets changes, and nobody is asked for those any more.
 */
export const checkDataAge: Checker = (evidence) => {
  const [only, ...more] = new Set(evidence.ticketChanges.map(({ epoch }) => epoch));
  return evidence.verdicts.flatMap((seen) => {
    const epoch = seen.ticketsEpoch ?? (more.length === 0 ? only : undefined);
    const { gate, verdict, askedRunMs } = seen;
    const { seq, ageMs } = verdict.cursor;
    const missed = firstMissed(evidence, seen, epoch);
    if (missed === undefined || ageMs === null) return [];
    const leastMs = askedRunMs - missed.runMs;
    if (ageMs >= leastMs - slackMs) return [];
    const detail =
      `${gate} decided scan ${verdict.scanId} at ${at(askedRunMs)} on place ${seq}, and told ` +
      `that this was ${lasting(ageMs)} old; place ${missed.seq} is there since ${at(missed.runMs)}`;
    return [{ law: 'true-ages', detail }];
  });
};

/** The first change beyond a verdict's place that the cloud still knew of. */
function firstMissed(
  evidence: RunEvidence,
  { verdict, askedRunMs }: SeenVerdict,
  epoch: string | undefined,
): TicketChange | undefined {
  const forgottenMs = evidence.losses
    .filter(({ node, runMs }) => node === 'cloud' && runMs <= askedRunMs)
    .reduce((last, { runMs }) => Math.max(last, runMs), Number.NEGATIVE_INFINITY);
  return evidence.ticketChanges
    .filter((change) => change.epoch === epoch && change.seq > verdict.cursor.seq)
    .find(({ runMs }) => runMs > forgottenMs && runMs < askedRunMs);
}
