import { rightKey } from '@foyer/contracts';
import type { AdmissionEvent, Flag, NodeId } from '@foyer/contracts';
import { electorsOf, type ConfigEpochs } from './electors.ts';
import type { DiskLoss, RunEvidence, SeenEvent, SeenVerdict } from './evidence.ts';
import { configEpochsOf } from './electors.ts';

/** One green of one right: what a gate showed, what a disk recorded, or both. */
export interface Green {
  readonly gate: NodeId;
  readonly scanId: string;
  readonly right: string;
  readonly flags: readonly Flag[];
  /** What the scanner got; null where only a record is left, as after a crash. */
  readonly seen: SeenVerdict | null;
  readonly recorded: AdmissionEvent | null;
}

/** The admissions of one right by one scan at one gate: one guest, whatever number of events. */
export interface Admitted {
  readonly gate: NodeId;
  readonly scanId: string;
  readonly atMs: number;
  readonly eventIds: Set<string>;
}

/** What several checkers look things up in; made once for each run. */
export interface View {
  /** By right, then by `gate scanId`. */
  readonly greens: ReadonlyMap<string, readonly Green[]>;
  /** By right, then by `gate scanId`. */
  readonly admitted: ReadonlyMap<string, ReadonlyMap<string, Admitted>>;
  /** Events that the cloud took in, or refused for good, and keeps as dead letters. */
  readonly inCloud: ReadonlySet<string>;
  /** Events that some node's disk holds at the end. */
  readonly held: ReadonlySet<string>;
  /** Events that a disk took along. */
  readonly lost: ReadonlySet<string>;
  readonly epochs: ConfigEpochs;
}

const views = new WeakMap<RunEvidence, View>();

/** The lookups of a run. */
export function viewOf(evidence: RunEvidence): View {
  const known = views.get(evidence);
  if (known !== undefined) return known;
  const view: View = {
    greens: greensOf(evidence),
    admitted: admittedOf(evidence),
    inCloud: new Set(
      [...evidence.cloud.events, ...evidence.cloud.deadLetters].flatMap(
        ({ eventId }) => eventId ?? [],
      ),
    ),
    held: new Set(evidence.nodes.flatMap(({ events }) => events.map(({ eventId }) => eventId))),
    lost: new Set(evidence.losses.flatMap(({ onlyThere }) => onlyThere)),
    epochs: configEpochsOf(evidence),
  };
  views.set(evidence, view);
  return view;
}

/** A green that has its votes, whatever else is flagged. */
export function isVoted(flags: readonly Flag[]): boolean {
  return !flags.includes('degraded') && !flags.includes('override');
}

/** Verdicts of scans, probes included; a look at a ticket (`valid`) admits nobody. */
export function scansOf(evidence: RunEvidence): SeenVerdict[] {
  return [...evidence.verdicts, ...evidence.probes].filter(
    ({ verdict }) => verdict.reason !== 'valid',
  );
}

/** Admissions among events, each event once. */
export function admissionEvents(
  events: readonly SeenEvent[],
): { eventId: string; node: NodeId; body: AdmissionEvent }[] {
  const seen = new Set<string>();
  return events.flatMap(({ eventId, node, body }) => {
    if (body.kind !== 'admission' || seen.has(eventId)) return [];
    seen.add(eventId);
    return [{ eventId, node, body }];
  });
}

function greensOf(evidence: RunEvidence): Map<string, Green[]> {
  const found = new Map<string, Green>();
  for (const seen of scansOf(evidence)) {
    const { colour, right, scanId, flags } = seen.verdict;
    if (colour !== 'green' || right === undefined) continue;
    const key = `${seen.gate} ${scanId} ${rightKey(right)}`;
    if (found.has(key)) continue;
    const { gate } = seen;
    found.set(key, { gate, scanId, right: rightKey(right), flags, seen, recorded: null });
  }
  for (const { body } of admissionEvents(evidence.committed)) {
    const { gate, scanId, flags } = body;
    const right = rightKey(body.right);
    const key = `${gate} ${scanId} ${right}`;
    const shown = found.get(key);
    if (shown === undefined) {
      found.set(key, { gate, scanId, right, flags, seen: null, recorded: body });
    } else if (shown.recorded === null) found.set(key, { ...shown, recorded: body });
  }
  const byRight = new Map<string, Green[]>();
  for (const green of found.values()) {
    const others = byRight.get(green.right);
    if (others === undefined) byRight.set(green.right, [green]);
    else others.push(green);
  }
  return byRight;
}

function admittedOf(evidence: RunEvidence): Map<string, Map<string, Admitted>> {
  const byRight = new Map<string, Map<string, Admitted>>();
  for (const { eventId, body } of admissionEvents(evidence.committed)) {
    const { gate, scanId, atMs } = body;
    const right = rightKey(body.right);
    const scans = byRight.get(right) ?? new Map<string, Admitted>();
    byRight.set(right, scans);
    const known = scans.get(`${gate} ${scanId}`);
    if (known === undefined) {
      scans.set(`${gate} ${scanId}`, { gate, scanId, atMs, eventIds: new Set([eventId]) });
    } else known.eventIds.add(eventId);
  }
  return byRight;
}

/** A disk that came back with an older state, or as a copy of another: it does not know so. */
export function isPast(loss: DiskLoss): boolean {
  return /restor|backup|clon|cop|rot/i.test(loss.kind);
}

/**
 * True when votes for a right may have been forgotten between two moments: an elector came back
 * with an older disk and could not know it, was two machines with a disk each, or two of them lost
 * theirs or were given up.
 */
export function votesForgotten(
  evidence: RunEvidence,
  right: string,
  configEpochs: readonly number[],
  [fromMs, toMs]: readonly [number, number],
): boolean {
  const { epochs } = viewOf(evidence);
  const electors = new Set(configEpochs.flatMap((epoch) => electorsOf(epochs, right, epoch) ?? []));
  const hit = evidence.losses.filter(
    ({ runMs, sinceRunMs = runMs, node }) =>
      runMs >= fromMs && sinceRunMs <= toMs && (electors.size === 0 || electors.has(node)),
  );
  return hit.some(isPast) || new Set(hit.map(({ node }) => node)).size > 1;
}
