import { rightKey, type EventBody, type Flag } from '@foyer/contracts';
import type { TestEvent } from './node.ts';
import type { TestTheatre } from './theatre.ts';

type Admission = Extract<EventBody, { kind: 'admission' }> & { eventId: string };

/** Every admission that any node committed, by event. */
function admissionsOf(theatre: TestTheatre): Map<string, Admission> {
  const found = new Map<string, Admission>();
  for (const node of theatre.nodes) {
    for (const { eventId, body } of node.events('ledger')) {
      if (body.kind === 'admission') found.set(eventId, { ...body, eventId });
    }
  }
  return found;
}

function groupByRight(admissions: Iterable<Admission>): Map<string, Admission[]> {
  const groups = new Map<string, Admission[]>();
  for (const admission of admissions) {
    const key = rightKey(admission.right);
    groups.set(key, [...(groups.get(key) ?? []), admission]);
  }
  return groups;
}

/** A green with the votes that it needs, whatever else is flagged. */
function isVoted(flags: readonly Flag[]): boolean {
  return !flags.includes('degraded') && !flags.includes('override');
}

/** G0, G1 (at most one with its votes) and G5, of what guests were shown. */
export function checkGreens(theatre: TestTheatre): string[] {
  const wrong: string[] = [];
  const committed = [...admissionsOf(theatre).values()];
  const scans = new Map(committed.map((admission) => [admission.scanId, admission]));
  const byGate = new Map<string, Set<string>>();
  const unflagged = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, key: string, scanId: string): void => {
    map.set(key, (map.get(key) ?? new Set()).add(scanId));
  };
  for (const { gate, verdict } of theatre.shown) {
    if (verdict.colour !== 'green' || verdict.right === undefined) continue;
    const key = rightKey(verdict.right);
    add(byGate, `${gate} ${key}`, verdict.scanId);
    if (isVoted(verdict.flags)) add(unflagged, key, verdict.scanId);
    const record = scans.get(verdict.scanId);
    if (record === undefined || rightKey(record.right) !== key) {
      wrong.push(`G5: ${gate} showed green for ${key} without a record`);
    }
  }
  for (const { right, scanId, flags } of committed) {
    if (isVoted(flags)) add(unflagged, rightKey(right), scanId);
  }
  for (const [key, ids] of byGate) if (ids.size > 1) wrong.push(`G0: ${key} green twice`);
  for (const [key, ids] of unflagged) {
    if (ids.size > 1) wrong.push(`G1: ${key} has ${ids.size} greens without a flag`);
  }
  return wrong;
}

/** G4, once everybody has met again: every extra green reported, none invented, all agree. */
export function checkReports(theatre: TestTheatre): string[] {
  const wrong: string[] = [];
  const admissions = admissionsOf(theatre);
  const reported = new Map<string, Set<string>>();
  const telemetry: TestEvent[] = theatre.nodes.flatMap((node) => node.events('telemetry'));
  for (const { body } of telemetry) {
    if (body.kind !== 'double-report') continue;
    const known = reported.get(rightKey(body.right)) ?? new Set();
    for (const { eventId } of body.admissions) known.add(eventId);
    reported.set(rightKey(body.right), known);
  }
  let doubles = 0;
  for (const [key, group] of groupByRight(admissions.values())) {
    doubles += group.length - 1;
    const said = reported.get(key)?.size ?? 0;
    if ((group.length > 1 || said > 0) && said !== group.length) {
      wrong.push(`G4: ${key} has ${group.length} admissions, reported ${said}`);
    }
  }
  for (const node of theatre.nodes) {
    const known = node.service.counts();
    if (known.doublesKnown !== doubles) {
      wrong.push(`G4: ${node.id} knows ${known.doublesKnown} of ${doubles} doubles`);
    }
  }
  return wrong;
}
