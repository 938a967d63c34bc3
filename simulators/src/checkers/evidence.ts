import type { EventBody, FeedName, Lane, NodeId, TicketId, Verdict } from '@foyer/contracts';

/*
 * What watchers outside the theatre saw of one run, simulated or real. Times named `runMs` are
 * milliseconds since the run began, on the watcher's clock, which no fault touches.
 */

/** A verdict as the gate's scanner received it. A scan that was answered twice is here twice. */
export interface SeenVerdict {
  readonly askedRunMs: number;
  readonly runMs: number;
  readonly gate: NodeId;
  /** The disk that the gate ran on: another one after a replacement or a restored backup. */
  readonly disk: string;
  readonly verdict: Verdict;
  /** When it was shown, the gate's database held a record of it; absent where nobody looked. */
  readonly recorded?: boolean;
  /** No fault touched the LAN, any node or any clock for 3 s before the scan and during it. */
  readonly calm: boolean;
  /**
   * The gate's group while the LAN was split into mutually disconnected groups, sound inside, and
   * nothing else was wrong, for 3 s before the scan and during it: `EPISODE/GROUP`. Otherwise null.
   */
  readonly group: string | null;
  /** The epoch of the gate's tickets replica when it decided, where the watcher could see it. */
  readonly ticketsEpoch?: string | null;
  /**
   * The gate has heard of no other clock since its start. `notBeforeMs`: UTC milliseconds that it
   * had agreed on before, on this disk; null where it knows none.
   */
  readonly alone?: { readonly notBeforeMs: number | null };
}

/** A scan that got an error or no answer. `crashed`: its gate's process ended meanwhile. */
export interface FailedScan {
  readonly askedRunMs: number;
  readonly runMs: number;
  readonly gate: NodeId;
  readonly scanId: string;
  readonly code: string;
  readonly crashed: boolean;
}

/** An event as a database held it; the first five fields are its identity. */
export interface SeenEvent {
  /** The node that wrote it. */
  readonly node: NodeId;
  readonly incarnation: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly eventId: string;
  readonly body: EventBody;
}

export interface FeedState {
  readonly feed: FeedName;
  readonly epoch: string | null;
  readonly cursor: number;
  /** `table/key` -> the row's bytes as the source encoded them; tombstones are left out. */
  readonly rows: ReadonlyMap<string, string>;
}

/** What was on a node's disk at the end, with every fault mended and every queue drained. */
export interface NodeEnd {
  readonly node: NodeId;
  readonly role: 'theatre' | 'gate' | 'screen';
  readonly events: readonly SeenEvent[];
  /** Own lanes: what was written, and what the node holds to be durable in the cloud. */
  readonly lanes: readonly {
    incarnation: string;
    lane: Lane;
    lastSeq: number;
    durableSeq: number;
  }[];
  readonly feeds: readonly FeedState[];
  /** Ids of the admissions that its ledger holds, whoever made them; absent where nobody looked. */
  readonly admissions?: readonly string[];
  /** Doubles that it knows of, as its status says. */
  readonly doublesKnown: number;
  /** Dead letters and refusals, by code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** An event that the cloud took in, and how often its effect is there: once, it must be. */
export interface CloudEvent {
  readonly node: NodeId;
  readonly incarnation: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly eventId: string;
  readonly kind: EventBody['kind'];
  readonly effects: number;
}

export interface CloudReport {
  readonly ticketId: TicketId;
  readonly n: number;
  readonly admissions: readonly { eventId: string; gate: NodeId; atMs: number }[];
}

export interface CloudEnd {
  readonly events: readonly CloudEvent[];
  readonly admissions: readonly {
    eventId: string;
    scanId: string;
    ticketId: TicketId;
    n: number;
    gate: NodeId;
    reversed: boolean;
  }[];
  readonly reports: readonly CloudReport[];
  readonly feeds: readonly FeedState[];
  /** `eventId`: the event that was refused for good, where the letter is of one. */
  readonly deadLetters: readonly { code: string; node: string; eventId?: string }[];
}

/** A look at a node, or at the cloud, while the run went on. */
export interface Sample {
  readonly runMs: number;
  readonly node: NodeId;
  /** Another disk or a restored one is another life: nothing is compared across. */
  readonly disk: string;
  readonly feeds: readonly { feed: FeedName; epoch: string | null; cursor: number }[];
  /**
   * Own lanes: what the node holds to be durable, and how far the cloud ever was with it, looked at
   * in the same instant.
   */
  readonly lanes?: readonly { lane: Lane; durableSeq: number; cloudSeq: number }[];
  /** Rows that wait to be pushed or relayed, timers, sockets' queues: what must be bounded. */
  readonly queues: Readonly<Record<string, number>>;
}

/** What an operator sold and took back, in the order of the tickets feed. */
export interface TicketChange {
  readonly runMs: number;
  readonly epoch: string;
  readonly seq: number;
  readonly ticketId: TicketId;
  readonly status: string;
  readonly showNo: number;
}

/**
 * A disk that lost what was on it. The node is `cloud` where the cloud's database was set back.
 * `kind` begins with `replaced` (an empty disk), `rotten` (damaged, and set aside or mended),
 * `restored` (a backup came back) or `cloned` (the copy of another disk): the last two do not know
 * that they forgot something. `given-up`: the operator declared the node dead, and nobody waits any
 * more for what its disk holds.
 */
export interface DiskLoss {
  readonly runMs: number;
  /** A second machine of the same name was in use since then, with a disk of its own. */
  readonly sinceRunMs?: number;
  readonly node: NodeId;
  readonly kind: string;
  /** Events that were then on no other disk and not in the cloud: they may be lost (G5). */
  readonly onlyThere: readonly string[];
}

/** Hostile or garbled messages that the run itself sent to the cloud. */
export interface Injected {
  /** Whom they seemed to come from. */
  readonly node: string;
  /** How often they may have arrived, doubles included. */
  readonly count: number;
}

/** An extra admission, and when the nodes that hold both met again and when a report was there. */
export interface ReportTiming {
  readonly right: string;
  /** When some node could know of both: it held both events. */
  readonly knowableRunMs: number;
  /** When that node had a report of it among its own events; null: never. */
  readonly reportedRunMs: number | null;
}

/** Everything about one run that a checker may look at. */
export interface RunEvidence {
  readonly verdicts: readonly SeenVerdict[];
  readonly failedScans: readonly FailedScan[];
  /** Every admission and reversal that any disk ever held, also those whose disk is gone. */
  readonly committed: readonly SeenEvent[];
  readonly nodes: readonly NodeEnd[];
  readonly cloud: CloudEnd;
  readonly samples: readonly Sample[];
  readonly ticketChanges: readonly TicketChange[];
  readonly losses: readonly DiskLoss[];
  readonly reportTimings: readonly ReportTiming[];
  /** After the faults stopped: whether everything drained, when, and what was left. */
  readonly converged: { readonly withinMs: number | null; readonly left: readonly string[] };
  /** Scans of tickets made after everything had converged: a whole theatre decides plainly. */
  readonly probes: readonly SeenVerdict[];
  /** Absent: none. */
  readonly injected?: readonly Injected[];
  readonly limits: {
    /** Age of the tickets replica, ms, from which a green must be flagged `stale-data`. */
    readonly staleAfterMs: number;
    /** Longest time from a scan to its verdict, ms, without local commits (150 in the design). */
    readonly verdictMs: number;
    /** Longest time to a report after both admissions could be known, ms (5,000 in the design). */
    readonly reportMs: number;
    /** Longest time to converge after the faults stopped, ms. */
    readonly convergeMs: number;
    /** Classes whose tickets are never admitted without votes; none when absent. */
    readonly strictClasses?: readonly string[];
    /** Most that a queue of a name may hold. */
    readonly queues: Readonly<Record<string, number>>;
  };
}

/** One broken promise. `law` is the checker's short name: G0..G6, cursor-monotone, ... */
export interface Violation {
  readonly law: string;
  readonly detail: string;
}

/** A checker: pure; it finds nothing in a sound run. */
export type Checker = (evidence: RunEvidence) => Violation[];
