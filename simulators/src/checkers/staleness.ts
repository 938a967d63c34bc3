import { rightKey } from '@foyer/contracts';
import type { Checker, RunEvidence, SeenVerdict, TicketChange, Violation } from './evidence.ts';
import { scansOf } from './view.ts';
import { at } from './words.ts';

/**
 * G6. A green shows the place in the tickets feed that it was decided on. If the ticket was not
 * valid at that place (cancelled, refunded, unpaid, blocked), it is never green; if it had been
 * moved to another show, the green is for that show. A decision on data older than
 * `limits.staleAfterMs`, or on none, is flagged `stale-data`.
 *
 * Places are compared within one epoch only. A cloud that is set back to a backup cannot honour
 * what it forgot: changes made before are not asked for after it, nor those that it makes under
 * numbers of the same epoch that it had given before, until it meets a replica that knows better
 * and begins another epoch. A green of a ticket that the gate did not know is flagged
 * `unknown-ticket`; it contradicts the feed only on a disk that was damaged, until that is mended.
 */
export const checkG6: Checker = (evidence) => {
  const history = historyOf(evidence);
  const epochAt = epochsAt(evidence, history);
  return scansOf(evidence).flatMap((seen) => {
    if (seen.verdict.colour !== 'green') return [];
    return [...wrongTicket(evidence, seen, history, epochAt(seen)), ...unflagged(evidence, seen)];
  });
};

/** Nodes go on with what a cloud that was set back had told them, and it is seen a moment later. */
const seenWithinMs = 3000;

/** When the cloud lost what it knew, and the highest number that it may have given before. */
function setBacksOf(evidence: RunEvidence): { runMs: number; reached: number }[] {
  const setBacks = evidence.losses
    .filter(({ node }) => node === 'cloud')
    .map(({ runMs }) => ({ runMs, reached: 0 }));
  if (setBacks.length === 0) return [];
  const note = (runMs: number, seq: number): void => {
    for (const one of setBacks) {
      if (runMs <= one.runMs + seenWithinMs) one.reached = Math.max(one.reached, seq);
    }
  };
  for (const { runMs, feeds } of evidence.samples) {
    for (const { feed, cursor } of feeds) if (feed === 'tickets') note(runMs, cursor);
  }
  for (const { runMs, verdict } of evidence.verdicts) note(runMs, verdict.cursor.seq);
  for (const { runMs, seq } of evidence.ticketChanges) note(runMs + seenWithinMs, seq);
  return setBacks;
}

type History = ReadonlyMap<string, ReadonlyMap<string, readonly TicketChange[]>>;

/** By epoch, then by ticket, in the order of the feed. */
function historyOf(evidence: RunEvidence): History {
  const epochs = new Map<string, Map<string, TicketChange[]>>();
  const setBacks = setBacksOf(evidence);
  for (const change of evidence.ticketChanges) {
    // A number that may have been given before stands for two changes: it proves nothing.
    const twice = setBacks.some(
      ({ runMs, reached }) => runMs <= change.runMs && change.seq <= reached,
    );
    if (twice) continue;
    const tickets = epochs.get(change.epoch) ?? new Map<string, TicketChange[]>();
    epochs.set(change.epoch, tickets);
    const changes = tickets.get(change.ticketId);
    if (changes === undefined) tickets.set(change.ticketId, [change]);
    else changes.push(change);
  }
  for (const tickets of epochs.values()) {
    for (const changes of tickets.values()) changes.sort((one, other) => one.seq - other.seq);
  }
  return epochs;
}

/**
 * Tells the epoch of a gate's tickets at a verdict: what the watcher noted; else the only one that
 * there was; else what the looks before and after agree on. Null when nobody can know.
 */
function epochsAt(evidence: RunEvidence, history: History): (seen: SeenVerdict) => string | null {
  const [only, ...more] = history.keys();
  const looks = new Map<string, { runMs: number; epoch: string | null }[]>();
  for (const { node, disk, runMs, feeds } of more.length === 0 ? [] : evidence.samples) {
    const tickets = feeds.find(({ feed }) => feed === 'tickets');
    const key = `${node} ${disk}`;
    const known = looks.get(key) ?? [];
    looks.set(key, known);
    if (tickets !== undefined) known.push({ runMs, epoch: tickets.epoch });
  }
  return (seen) => {
    if (seen.ticketsEpoch !== undefined) return seen.ticketsEpoch;
    if (more.length === 0) return only ?? null;
    const known = looks.get(`${seen.gate} ${seen.disk}`) ?? [];
    const next = firstAfter(known, seen.runMs);
    const before = known[next - 1]?.epoch ?? null;
    const began = known[firstAfter(known, seen.askedRunMs) - 1]?.epoch ?? null;
    return before === began && before === (known[next]?.epoch ?? null) ? before : null;
  };
}

function firstAfter(looks: readonly { runMs: number }[], runMs: number): number {
  let low = 0;
  let high = looks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((looks[middle]?.runMs ?? 0) > runMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function wrongTicket(
  evidence: RunEvidence,
  seen: SeenVerdict,
  history: History,
  epoch: string | null,
): Violation[] {
  const { gate, runMs, verdict } = seen;
  const { right, cursor, showNo, flags } = verdict;
  if (right === undefined || epoch === null) return [];
  const changes = history.get(epoch)?.get(right.ticketId) ?? [];
  const last = changes.findLast(({ seq }) => seq <= cursor.seq);
  if (last === undefined) return [];
  if (flags.includes('unknown-ticket') && damagedBefore(evidence, runMs)) return [];
  if (setBackBetween(evidence, last.runMs, runMs)) return [];
  const what =
    `${gate} showed ${rightKey(right)} green at ${at(runMs)} by scan ${verdict.scanId} at ` +
    `place ${cursor.seq} of epoch ${epoch}`;
  const since = `since place ${last.seq} (${at(last.runMs)})`;
  if (last.status !== 'valid') {
    return [{ law: 'G6', detail: `${what}; the ticket is ${last.status} ${since}` }];
  }
  if (showNo !== undefined && showNo !== last.showNo) {
    const detail = `${what} for show ${showNo}; it is of show ${last.showNo} ${since}`;
    return [{ law: 'G6', detail }];
  }
  return [];
}

/** Whether the cloud lost what it knew, between two moments. */
function setBackBetween(evidence: RunEvidence, fromMs: number, toMs: number): boolean {
  return evidence.losses.some(
    ({ node, runMs }) => node === 'cloud' && runMs >= fromMs && runMs <= toMs,
  );
}

function damagedBefore(evidence: RunEvidence, runMs: number): boolean {
  return evidence.losses.some((loss) => loss.runMs <= runMs && /rot|damag/i.test(loss.kind));
}

function unflagged(evidence: RunEvidence, seen: SeenVerdict): Violation[] {
  const { staleAfterMs } = evidence.limits;
  const { gate, runMs, verdict } = seen;
  const { ageMs, seq } = verdict.cursor;
  if (verdict.flags.includes('stale-data')) return [];
  if (ageMs !== null && ageMs <= staleAfterMs) return [];
  const detail =
    `${gate} gave scan ${verdict.scanId} a green at ${at(runMs)} on tickets of age ` +
    `${ageMs === null ? 'unknown' : `${ageMs} ms`} (place ${seq}) without flagging it stale`;
  return [{ law: 'G6', detail }];
}
