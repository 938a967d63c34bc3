import type { NodeId } from '@foyer/contracts';
import type { SimDisk, SimRandom, Weather } from '@foyer/platform/sim';

import type { Ambushes } from '../ambush.ts';
import type { SimWorld } from '../world.ts';

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

/** What became of a disk: empty, damaged, an older state, another one's; nobody waits for it. */
export type LossKind = 'replaced' | 'rotten' | 'restored' | 'cloned' | 'given-up';

/** A second machine with a node's name. */
export interface Twin {
  /** Which of the two the others hear: the second, or the first. */
  take(twin: boolean): void;
  /** A guest comes to the second. */
  holdUp(text: string, scanId: string): void;
}

/** The hands that break and mend a world. */
export interface Hands {
  readonly world: SimWorld;
  /** The weather when nothing is wrong. */
  readonly fine: { readonly lan: Weather; readonly wan: Weather };
  /** Names at the broker. */
  readonly cables: { readonly theatre: string; readonly cloud: string };
  at(runMs: number, work: () => void): void;
  say(what: string): void;
  kill(node: NodeId, why: string, then?: (disk: SimDisk) => void): void;
  /** Starts a node, unless it runs; it dies of no step any more. */
  revive(node: NodeId): void;
  /**
   * The process ends, and its disk with it, or a part of the disk. `loses` nothing: all that was on
   * it must come back.
   */
  loseDisk(node: NodeId, kind: LossKind, then: (disk: SimDisk) => void, loses?: 'nothing'): void;
  /** Takes down that what a node knew may be forgotten from now on. */
  noteLoss(node: NodeId, kind: LossKind): void;
  /** Nodes whose replicas must mend themselves before everything has converged. */
  readonly damagedRows: Set<NodeId>;
  /** Gates that hear of no other clock since their start. */
  readonly lonely: Set<NodeId>;
  /** Looks at a node now, beside the looks that are taken every second. */
  look(node: NodeId): void;
  backUp(node: NodeId): void;
  restore(node: NodeId): void;
  /** Another gate starts from a copy of this one's disk. */
  cloneDisk(node: NodeId, other: NodeId): void;
  /** A second machine starts from a copy of a node's disk, under its name. */
  beginTwin(node: NodeId): Twin;
  /** The second machine is thrown away, with its disk. */
  endTwin(node: NodeId): void;
  /** The operator gives a gate another name; its disk stays. */
  renameNode(node: NodeId, as: NodeId): void;
  killCloud(then: (disk: SimDisk) => void): void;
  startCloud(): void;
  backUpCloud(): void;
  restoreCloud(): void;
  /** A screen comes into the list of nodes, or goes: rows are removed, too. */
  toggleSpareScreen(): void;
  /** The operator adds a node to the list, or changes what it is. */
  setNodeStatus(node: NodeId, status: 'active' | 'dead'): void;
  /** A hostile payload was sent in this name. */
  injected(from: string): void;
  /** Guests who come on purpose, and faults that wait for them. */
  readonly ambushes: Ambushes;
}

/** A kind of fault: how it is drawn, what it does, how it is mended. */
export interface FaultKind {
  /** How often it is drawn, against the others. */
  readonly weight: number;
  /** It lasts at least so long, where the evening is long enough; 100 when absent. */
  readonly leastMs?: number;
  /** It is over, or would only do the same all the time: a pause of the evening ends it. */
  readonly brief?: boolean;
  /** Whether gates, their network or their clocks feel it: claims may then lack votes. */
  readonly troublesGates: boolean | ((fault: Fault) => boolean);
  draw(draw: Draw): Details;
  begin(run: Hands, fault: Fault, random: SimRandom): void;
  end?(run: Hands, fault: Fault): void;
}

export type FaultKinds = Readonly<Record<string, FaultKind>>;

export const isGate = (node: NodeId): boolean => node.startsWith('gate');
export const hitsGate = (fault: Fault): boolean => isGate(fault.node);
export const anyNode = ({ random, nodes }: Draw): Details => ({ node: random.pick(nodes) });
export const anyGate = ({ random, gates }: Draw): Details => ({ node: random.pick(gates) });

/** Between two guests whom nobody planned, ms. */
const guestEveryMs = 700;

/** Guests of the house come to a gate, until a time. */
export function guests(run: Hands, gate: NodeId, untilMs: number): void {
  for (let afterMs = 800; run.world.runMs + afterMs < untilMs; afterMs += guestEveryMs) {
    run.ambushes.sendGuest(gate, afterMs);
  }
}

/** Two different gates. */
export function twoGates({ random, gates }: Draw): { node: NodeId; other: NodeId } {
  const at = random.int(gates.length);
  const by = 1 + random.int(gates.length - 1);
  return { node: gates[at] ?? 'gate-1', other: gates[(at + by) % gates.length] ?? 'gate-2' };
}
