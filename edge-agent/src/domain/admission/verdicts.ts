import type { Colour, Flag, NodeId, Reason, Right, Verdict } from '@foyer/contracts';
import type { AdmissionDeps } from './ports.ts';
import { admittedAt } from './messages.ts';
import type { Passed, Refusal, Subject } from './rules.ts';

type VerdictDeps = Pick<AdmissionDeps, 'replica' | 'clock' | 'mesh'>;

export interface VerdictParts {
  colour: Colour;
  reason: Reason;
  message: string;
  flags: readonly Flag[];
  right?: Right;
  admission?: { gate: NodeId; atMs: number };
  /** Electors that did not answer. */
  silent?: readonly NodeId[];
}

const maxPeers = 16;
const maxMessage = 200;

/** A verdict of now, on the data that it was judged on: a refund may arrive during the claim. */
export function makeVerdict(
  deps: VerdictDeps,
  scanId: string,
  subject: Subject,
  parts: VerdictParts,
): Verdict {
  const { silent, message, flags, ...rest } = parts;
  const { showNo, seat, ticketClass } = subject;
  const { seq, ageMs } = subject.cursor ?? deps.replica.cursor();
  return {
    scanId,
    ...rest,
    message: message.slice(0, maxMessage),
    ...(showNo === undefined ? {} : { showNo }),
    ...(seat === undefined ? {} : { seat }),
    ...(ticketClass === undefined ? {} : { ticketClass }),
    flags: [...flags],
    ...(silent === undefined ? {} : { peers: silent.slice(0, maxPeers).map(peerOf(deps)) }),
    cursor: { seq, ageMs: ageMs === null ? null : Math.max(0, Math.round(ageMs)) },
    atMs: deps.clock.nowMs(),
  };
}

function peerOf(deps: VerdictDeps) {
  return (node: NodeId) => {
    const agoMs = deps.mesh.lastHeardAgoMs(node);
    return { node, lastHeardAgoMs: agoMs === null ? null : Math.max(0, Math.round(agoMs)) };
  };
}

/** What a green says and why: a child's film asks staff to look, whatever else is flagged. */
export function greenParts(passed: Passed, right: Right, extra: readonly Flag[]): VerdictParts {
  const flags = [...new Set([...passed.flags, ...extra])];
  if (passed.minAge > 0) {
    const message = `Check age: ${passed.minAge} or over. ${passed.message}`;
    return { colour: 'green', reason: 'check-age', message, flags, right };
  }
  const reason = flags.includes('degraded') ? 'admitted-degraded' : 'admitted';
  return { colour: 'green', reason, message: passed.message, flags, right };
}

export function alreadyAdmitted(
  deps: VerdictDeps,
  passed: Passed,
  admission: { gate: NodeId; atMs: number },
): VerdictParts {
  const { gate, atMs } = admission;
  const row = deps.replica.node(gate);
  return {
    colour: 'red',
    reason: 'already-admitted',
    message: admittedAt({ node: gate, row }, atMs, deps.clock.nowMs(), passed.timeZone),
    flags: passed.flags,
    admission: { gate, atMs },
  };
}

export function claimedElsewhere(passed: Passed, right: Right | null): VerdictParts {
  return {
    colour: 'amber',
    reason: 'claimed-elsewhere',
    message: 'This ticket is being used at another gate: please ask a steward',
    flags: passed.flags,
    ...(right === null ? {} : { right }),
  };
}

/** Sends the guest to a gate that can decide, where one was heard. */
export function strictOffline(
  deps: VerdictDeps,
  passed: Passed,
  right: Right,
  silent: readonly NodeId[],
): VerdictParts {
  const gate = deps.mesh
    .reachable()
    .map((node) => deps.replica.node(node))
    .find((row) => row?.role === 'gate' && !silent.includes(row.nodeId));
  const where = gate === undefined || gate === null ? 'a steward' : `${gate.name} or a steward`;
  return {
    colour: 'amber',
    reason: 'strict-offline',
    message: `This ticket cannot be checked here now: please go to ${where}`,
    flags: passed.flags,
    right,
    silent,
  };
}

export function refusalParts(refusal: Refusal): VerdictParts {
  const { colour, reason, message, flags } = refusal;
  return { colour, reason, message, flags };
}
