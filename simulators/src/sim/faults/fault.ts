import type { NodeId } from '@foyer/contracts';
import type { SimRandom } from '@foyer/platform/sim';

import type { Run } from '../run-state.ts';

/** One thing that goes wrong, and when: data, from which a run can be repeated. */
export interface Fault {
  /** Its number in the scenario: leaving others out does not change it. */
  readonly id: number;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Whom it hits. */
  readonly node: NodeId;
  readonly other: NodeId;
  /** How bad it is, in the unit of the kind. */
  readonly amount: number;
  readonly groups: readonly (readonly NodeId[])[];
}

export type Details = Partial<Pick<Fault, 'node' | 'other' | 'amount' | 'groups'>>;

export interface Draw {
  random: SimRandom;
  gates: readonly NodeId[];
  /** The gates and the theatre agent. */
  nodes: readonly NodeId[];
}

/** A kind of fault: how it is drawn, what it does, how it is mended. */
export interface FaultKind {
  /** How often it is drawn, against the others. */
  readonly weight: number;
  /** Whether gates, their network or their clocks feel it: claims may then lack votes. */
  readonly troublesGates: boolean | ((fault: Fault) => boolean);
  draw(draw: Draw): Details;
  begin(run: Run, fault: Fault, random: SimRandom): void;
  end?(run: Run, fault: Fault): void;
}

export type FaultKinds = Readonly<Record<string, FaultKind>>;

export const isGate = (node: NodeId): boolean => node.startsWith('gate');
export const hitsGate = (fault: Fault): boolean => isGate(fault.node);
export const anyNode = ({ random, nodes }: Draw): Details => ({ node: random.pick(nodes) });
export const anyGate = ({ random, gates }: Draw): Details => ({ node: random.pick(gates) });

/** Two different gates. */
export function twoGates({ random, gates }: Draw): { node: NodeId; other: NodeId } {
  const at = random.int(gates.length);
  const by = 1 + random.int(gates.length - 1);
  return { node: gates[at] ?? 'gate-1', other: gates[(at + by) % gates.length] ?? 'gate-2' };
}
