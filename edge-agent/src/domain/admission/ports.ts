import type {
  Attempt,
  EventBody,
  FeedRow,
  Flag,
  Message,
  MessageOf,
  NodeId,
  Right,
  ShowNo,
  TicketId,
  Verdict,
  scanRequestSchema,
  passageRequestSchema,
  annulmentRequestSchema,
  reversalResultSchema,
} from '@foyer/contracts';
import type { Clock, Logger, Random } from '@foyer/platform';
import type { z } from 'zod';

/** What admission reads of this node's replica. Every call answers from memory or SQLite, now. */
export interface ReplicaView {
  ticket(id: TicketId): FeedRow<'ticket'> | null;
  show(no: ShowNo): FeedRow<'show'> | null;
  film(id: string): FeedRow<'film'> | null;
  auditorium(id: string): FeedRow<'auditorium'> | null;
  /** Null until the house feed arrived for the first time. */
  theatre(): FeedRow<'theatre'> | null;
  key(id: number): FeedRow<'key'> | null;
  showKey(no: ShowNo): FeedRow<'show-key'> | null;
  configEpoch(number: number): FeedRow<'config-epoch'> | null;
  /** Every config epoch of the replica, in any order. */
  configEpochs(): readonly FeedRow<'config-epoch'>[];
  node(id: NodeId): FeedRow<'node'> | null;
  /** Position in the tickets feed; `ageMs` is the time since it was in step with the cloud. */
  cursor(): { seq: number; ageMs: number | null };
}

/** This node's own events. */
export interface EventAppender {
  /** Must be called inside the caller's transaction. */
  append(body: EventBody): { eventId: string; seq: number };
  /** Called after a commit that appended: push to the peers and the upstream now. */
  flush(): void;
}

/** The messages of the mesh that admission sends or reads; others are ignored. */
export type AdmissionMessage = MessageOf<
  | 'hello'
  | 'heartbeat'
  | 'vote-ask'
  | 'vote'
  | 'vote-release'
  | 'attempt-ask'
  | 'recover-ask'
  | 'recover'
>;

export interface MeshPort {
  /** True means handed over, never arrived. */
  send(peer: NodeId, message: AdmissionMessage): boolean;
  /** Connected peers that were heard lately (heartbeats); never this node. */
  reachable(): readonly NodeId[];
  lastHeardAgoMs(node: NodeId): number | null;
}

/** Who this node is. */
export interface AdmissionSelf {
  node: NodeId;
  /** From `startBoot` (adapters/ledger), called once at each start before anything else. */
  boot: number;
  theatreNo: number;
}

export interface AdmissionDeps {
  self: AdmissionSelf;
  /** `openLedger(journal)` of adapters/ledger. */
  ledger: LedgerStore;
  clock: Clock;
  random: Random;
  replica: ReplicaView;
  events: EventAppender;
  mesh: MeshPort;
  logger: Logger;
  /** Ed25519; `publicKey` is the key row's text (raw, base64url). Never throws. */
  verifySignature(publicKey: string, core: Uint8Array, signature: Uint8Array): boolean;
  /** `rotatingStepCode` of @foyer/platform/node. */
  stepCode(showKey: string, ticketId: TicketId, step: number): Uint8Array;
  /** True when this node's wall clock was confirmed by its upstream or its peers. */
  clockAgreed(): boolean;
  /** A code is held up; nothing is decided yet. */
  onAsked?(): void;
  /**
   * Called with each decided verdict that has a lamp, and with ignored ones; for SSE and metrics.
   */
  onVerdict?(verdict: Verdict): void;
  /** A peer's message was refused. */
  onRefused?(from: NodeId, type: AdmissionMessage['type'], reason: ClaimRefusal): void;
}

/** Why a message about votes is refused: it speaks for another node, or answers no question. */
export type ClaimRefusal = 'foreign-identity' | 'not-asked';

export type ScanInput = z.output<typeof scanRequestSchema>;
export type PassageInput = z.output<typeof passageRequestSchema>;
export type AnnulmentInput = z.output<typeof annulmentRequestSchema>;
export type ReversalResult = z.output<typeof reversalResultSchema>;

/** An event of another node, as the receiver hands it over. */
export interface EventOrigin {
  node: NodeId;
}
export interface ReceivedEvent {
  eventId: string;
  seq: number;
  body: EventBody;
}

/**
 * Persistent since the ledger file was made. `admitted` counts what this node knows of all gates.
 */
export interface AdmissionCounts {
  greens: number;
  ambers: number;
  reds: number;
  ignored: number;
  /** Greens of this gate that carry the flag `degraded`. */
  degraded: number;
  /** Admissions less reversals, of all gates. */
  admitted: number;
  /** Sum over entry rights of (admissions known - 1). */
  doublesKnown: number;
  /** By show: admissions less reversals. */
  byShow: ReadonlyMap<ShowNo, number>;
  /** By gate: admissions less reversals. */
  byGate: ReadonlyMap<NodeId, number>;
}

export interface AdmissionService {
  /**
   * Decides a scan: at most 150 ms plus one local commit. Rejects with FoyerError `disk-full`
   * (nothing was admitted) or `queue-full` (too many scans in flight).
   */
  scan(request: ScanInput): Promise<Verdict>;
  /** Throws FoyerError `not-found` for a scan without an admission, `disk-full`. */
  passage(request: PassageInput): ReversalResult;
  /** Throws FoyerError `not-found`, `disk-full`. */
  annul(request: AnnulmentInput): ReversalResult;
  /** Every message of the mesh may be given; `from` is the name in the peer's certificate. */
  onMessage(from: NodeId, message: Message): void;
  /** A peer went away: claims stop waiting for it. Optional, for speed: `reachable` decides. */
  onPeerLost(peer: NodeId): void;
  /**
   * Applies an event of another node. Must be called inside the receiver's transaction.
   * Throws only what the journal throws; an event that is not for the ledger is ignored.
   */
  applyEvent(origin: EventOrigin, event: ReceivedEvent): void;
  counts(): AdmissionCounts;
  /** True while this node gives no votes in some config epoch (for heartbeat and status). */
  recovering(): boolean;
  /** Config epochs that this node acknowledges (for the heartbeat). */
  configEpochs(): number[];
  /**
   * This disk was copied or restored: it may have forgotten votes, and gives none until it has
   * pulled those of every other node again. To be called when a peer or the cloud knows more of
   * this node's own events than it does itself.
   */
  distrustDisk(): void;
  /** The house feed's rows changed: this node may belong to a new config epoch. */
  onHouse(): void;
  /** Cancels timers; scans in flight are refused with `queue-full`. Idempotent. */
  close(): void;
}

/** A vote as it is stored: one a right. */
export interface StoredVote {
  right: Right;
  showNo: ShowNo;
  configEpoch: number;
  attempt: Attempt;
}

export interface LedgerAdmission {
  eventId: string;
  right: Right;
  showNo: ShowNo;
  gate: NodeId;
  scanId: string;
  atMs: number;
  flags: readonly Flag[];
}

export interface LedgerReversal {
  eventId: string;
  right: Right;
  gate: NodeId;
  atMs: number;
}

/** What admission keeps in SQLite. Writes must run inside `transaction`. */
export interface LedgerStore {
  /** One durable commit; throws FoyerError `disk-full`, and then nothing was applied. */
  transaction<T>(work: () => T): T;
  vote(right: Right): StoredVote | null;
  putVote(vote: StoredVote): void;
  /** Keeps the vote that is there. */
  importVote(vote: StoredVote): void;
  deleteVote(right: Right): void;
  /** Votes after a key `ticketId/n` ('' is the start), in key order. */
  votesAfter(after: string, limit: number): StoredVote[];
  /** Votes of a node's other starts than `boot` for rights not known as admitted. */
  openVotesOf(node: NodeId, boot: number, limit: number): StoredVote[];
  admissionsOf(ticketId: TicketId): LedgerAdmission[];
  /** False when it is there already: the same event, or the same gate's same scan of the right. */
  addAdmission(admission: LedgerAdmission, own: boolean): boolean;
  admissionByScan(scanId: string): LedgerAdmission | null;
  /** The rights' numbers of a ticket that were reversed. */
  reversedOf(ticketId: TicketId): number[];
  reversalOf(right: Right): LedgerReversal | null;
  /** False when the right was reversed already. */
  addReversal(reversal: LedgerReversal): boolean;
  scan(scanId: string): Verdict | null;
  putScan(verdict: Verdict): void;
  /** Adds to a counter: a colour, `degraded`, `doubles`, `show:N`, `gate:ID`. */
  count(name: string, by: number): void;
  counters(): ReadonlyMap<string, number>;
  recoveredEpochs(): number[];
  addRecoveredEpoch(epoch: number): void;
  forgetRecoveredEpochs(): void;
  /** True for a boot that `startBoot` counted on this disk. */
  isOwnBoot(boot: number): boolean;
  /** Speaks no more for what earlier starts than `boot` did: this disk may not remember it. */
  forgetBootsBefore(boot: number): void;
  /** Shows that votes or admissions are kept for. */
  showsKept(): ShowNo[];
  /** Forgets a show's votes, and its admissions and reversals when `all`. */
  forgetShow(showNo: ShowNo, all: boolean): void;
  /** Forgets scans decided before, at most `limit`. */
  forgetScansBefore(atMs: number, limit: number): number;
}
