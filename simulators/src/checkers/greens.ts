import { rightKey } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import { electorsOf, quorumOf } from './electors.ts';
import type { Checker, RunEvidence, SeenVerdict, Violation } from './evidence.ts';
import { isVoted, scansOf, viewOf, votesForgotten, type Green } from './view.ts';
import { at, some, verdictWords } from './words.ts';

const times = (greens: readonly Green[]): string =>
  some(
    greens.map(
      ({ gate, scanId, seen, flags }) =>
        `${gate} ${seen === null ? '(recorded, not shown)' : `at ${at(seen.runMs)}`}` +
        `${flags.length === 0 ? '' : ` [${flags.join(' ')}]`} by scan ${scanId}`,
    ),
  );

/**
 * G0. Each disk of a gate admits a right by one scan only, whatever crashes and power cuts come
 * between. A gate whose disk was replaced, restored from a backup or copied is another disk: it
 * cannot know what the former one did before the others tell it, and G1 and G4 hold for it instead.
 * A scan that is sent again gets the verdict that it got. The one exception is an amber that a
 * steward may override: the same scan may then be decided once more.
 */
export const checkG0: Checker = (evidence) => [...greenTwice(evidence), ...answeredTwice(evidence)];

function greenTwice(evidence: RunEvidence): Violation[] {
  const lossy = new Set(evidence.losses.map(({ node }) => node));
  const wrong: Violation[] = [];
  for (const [right, greens] of viewOf(evidence).greens) {
    if (greens.length < 2) continue;
    const byDisk = new Map<string, Green[]>();
    for (const green of greens) {
      // Of a mere record nobody knows the disk; where a gate only ever had one, it is that.
      if (green.seen === null && lossy.has(green.gate)) continue;
      const disk = lossy.has(green.gate) ? (green.seen?.disk ?? '') : '';
      const key = `${green.gate} ${disk}`;
      byDisk.set(key, [...(byDisk.get(key) ?? []), green]);
    }
    for (const same of byDisk.values()) {
      if (same.length < 2) continue;
      wrong.push({
        law: 'G0',
        detail: `Right ${right} was green twice at one gate: ${times(same)}`,
      });
    }
  }
  return wrong;
}

function isOpen(verdict: Verdict): boolean {
  return verdict.reason === 'claimed-elsewhere' || verdict.reason === 'strict-offline';
}

function sameAnswer(one: Verdict, other: Verdict): boolean {
  const key = ({ right }: Verdict): string => (right === undefined ? '' : rightKey(right));
  return one.colour === other.colour && one.reason === other.reason && key(one) === key(other);
}

function answeredTwice(evidence: RunEvidence): Violation[] {
  const wrong: Violation[] = [];
  const final = new Map<string, SeenVerdict>();
  for (const seen of scansOf(evidence)) {
    const { verdict, gate, disk, runMs } = seen;
    const key = `${gate} ${disk} ${verdict.scanId}`;
    const before = final.get(key);
    if (before === undefined) {
      if (!isOpen(verdict)) final.set(key, seen);
      continue;
    }
    // An amber may still be on its way when its override is decided.
    if (isOpen(verdict) && seen.askedRunMs <= before.runMs) continue;
    if (sameAnswer(before.verdict, verdict)) continue;
    wrong.push({
      law: 'G0',
      detail:
        `Scan ${verdict.scanId} at ${gate} was ${verdictWords(before.verdict)} at ` +
        `${at(before.runMs)}, and ${verdictWords(verdict)} at ${at(runMs)}`,
    });
  }
  return wrong;
}

/**
 * G1. In every state of the network at most one green of a right has its votes; every other one
 * says `degraded` (fewer than two electors answered) or `override` (a steward decided), and a green
 * that says neither carries votes of two different electors of its config epoch (of all of them,
 * where there are fewer than two). In calm, when no fault touched the LAN, a node or a clock for
 * 3 s, no green is degraded; only a ticket that was moved to another show may be, because an
 * elector that has not heard of the move gives no vote.
 *
 * It holds through crashes, power cuts, and the replacement of any one disk: a new disk votes when
 * it has pulled the votes of all others. It does not hold where votes were forgotten without
 * anybody's knowledge: an elector of the right came back between the two greens with the disk of a
 * backup or with another's, two machines bore its name, or two electors lost their disks or were
 * given up by the operator. Such a double is reported (G4).
 */
export const checkG1: Checker = (evidence) => {
  const wrong: Violation[] = [];
  for (const [right, greens] of viewOf(evidence).greens) {
    for (const green of greens) wrong.push(...wrongVotes(evidence, green));
    if (greens.length > 1) wrong.push(...votedTwice(evidence, right, greens));
  }
  return [...wrong, ...degradedInCalm(evidence)];
};

const beganMs = (green: Green): number => green.seen?.askedRunMs ?? Number.NEGATIVE_INFINITY;
const endedMs = (green: Green): number => green.seen?.runMs ?? Number.POSITIVE_INFINITY;

function votedTwice(evidence: RunEvidence, right: string, greens: readonly Green[]): Violation[] {
  const voted = greens
    .filter(({ flags }) => isVoted(flags))
    .toSorted((one, other) => beganMs(one) - beganMs(other));
  return voted.slice(1).flatMap((green, index) => {
    const before = voted[index] ?? green;
    const epochs = [before, green].flatMap(({ recorded }) => recorded?.configEpoch ?? []);
    const span = [beganMs(before), endedMs(green)] as const;
    if (votesForgotten(evidence, right, epochs, span)) return [];
    const detail = `Right ${right} has two greens with votes: ${times([before, green])}`;
    return [{ law: 'G1', detail }];
  });
}

function wrongVotes(evidence: RunEvidence, green: Green): Violation[] {
  const { recorded, right, gate } = green;
  if (recorded === null || !isVoted(recorded.flags)) return [];
  const electors = electorsOf(viewOf(evidence).epochs, right, recorded.configEpoch);
  if (electors === undefined) return [];
  const votes = new Set(recorded.votes.filter((node) => electors.includes(node)));
  if (votes.size >= quorumOf(electors)) return [];
  const detail =
    `${gate} admitted ${right} by scan ${green.scanId} without a flag, on the votes of ` +
    `(${recorded.votes.join(' ')}); its electors are (${electors.join(' ')})`;
  return [{ law: 'G1', detail }];
}

function degradedInCalm(evidence: RunEvidence): Violation[] {
  const moved = movedTickets(evidence);
  return scansOf(evidence).flatMap(({ calm, gate, runMs, verdict }) => {
    const { colour, flags, right, scanId } = verdict;
    if (!calm || colour !== 'green' || right === undefined) return [];
    if (!flags.includes('degraded') || moved.has(right.ticketId)) return [];
    const peers = (verdict.peers ?? []).map(
      ({ node, lastHeardAgoMs }) => `${node} heard ${lastHeardAgoMs ?? 'never'} ms ago`,
    );
    const detail =
      `${gate} gave ${rightKey(right)} a degraded green at ${at(runMs)}, scan ${scanId}, ` +
      `though all was calm: ${some(peers) || 'no elector was silent'}`;
    return [{ law: 'G1', detail }];
  });
}

/** Tickets that were of more than one show in the run. */
function movedTickets(evidence: RunEvidence): Set<string> {
  const shows = new Map<string, number>();
  const moved = new Set<string>();
  for (const { ticketId, showNo } of evidence.ticketChanges) {
    if ((shows.get(ticketId) ?? showNo) !== showNo) moved.add(ticketId);
    shows.set(ticketId, showNo);
  }
  return moved;
}

/**
 * G3. While the LAN is split into groups that do not hear each other, each sound inside and nothing
 * else wrong, a group gives at most one green for a right. A steward's override is not counted:
 * it is a person's decision, and says so.
 */
export const checkG3: Checker = (evidence) => {
  const wrong: Violation[] = [];
  for (const [right, greens] of viewOf(evidence).greens) {
    const byGroup = new Map<string, Green[]>();
    for (const green of greens) {
      const group = green.seen?.group ?? null;
      if (group === null || green.flags.includes('override')) continue;
      byGroup.set(group, [...(byGroup.get(group) ?? []), green]);
    }
    for (const [group, same] of byGroup) {
      if (same.length < 2) continue;
      const detail = `Right ${right} was green twice in the group ${group}: ${times(same)}`;
      wrong.push({ law: 'G3', detail });
    }
  }
  return wrong;
};
