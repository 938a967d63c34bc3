import type { Heartbeat, Hello, NodeId, Role } from '@foyer/contracts';

/** How often a node tells that it lives while anything happens. */
export const heartbeatEveryMs = 250;
/** A connected peer that was silent for so long is dead: four heartbeats. */
export const deadAfterMs = 4 * heartbeatEveryMs;

/** How long a peer may be silent that said when it speaks next: one heartbeat may be lost. */
function silenceOf(nextMs: number | undefined): number {
  return nextMs === undefined || nextMs <= heartbeatEveryMs
    ? deadAfterMs
    : 2 * nextMs + heartbeatEveryMs;
}

/** What this node knows of one peer. Times are of the monotonic clock. */
export interface Peer {
  node: NodeId;
  connected: boolean;
  role: Role | null;
  lastHeardMs: number | null;
  /** It is dead when nothing was heard of it until then. */
  expectedMs: number;
  heartbeat: Heartbeat | null;
  /** Its wall clock less this node's monotonic clock, when it last told. */
  wallLessMonotonicMs: number | null;
}

/** The peers of the mesh, as the last messages from each left them. */
export class PeerTable {
  readonly #peers = new Map<NodeId, Peer>();
  /** The start that each peer is in, and when it last said so. */
  readonly #boots = new Map<NodeId, { boot: number; heardMs: number }>();
  /** The role that each peer's greeting claims. */
  readonly #claimed = new Map<NodeId, Role>();

  /** Notes that the link gained or lost a peer. */
  connection(node: NodeId, connected: boolean): void {
    const peer = this.#of(node);
    peer.connected = connected;
    if (!connected) this.expect(peer.lastHeardMs ?? Number.NEGATIVE_INFINITY, node);
    // A disk that was restored may begin with a lower number than the one that was here before.
    this.#boots.delete(node);
  }

  /**
   * Notes the start that a peer says it is in.
   * @returns false for a start that is over: the peer speaks from a later one.
   */
  takesBoot(node: NodeId, boot: number, monotonicMs: number): boolean {
    const known = this.#boots.get(node);
    const silentMs = silenceOf(this.#of(node).heartbeat?.nextMs);
    const living = known !== undefined && monotonicMs - known.heardMs <= silentMs;
    if (living && boot < known.boot) return false;
    this.#boots.set(node, { boot, heardMs: monotonicMs });
    return true;
  }

  /** Gives each peer the role that it claims, where it may have it. */
  settleRoles(mayBe: (node: NodeId, role: Role) => boolean): void {
    for (const [node, role] of this.#claimed) this.#of(node).role = mayBe(node, role) ? role : null;
  }

  /** Any message proves that a peer lives. */
  heard(node: NodeId, monotonicMs: number): void {
    const peer = this.#of(node);
    peer.lastHeardMs = monotonicMs;
    peer.expectedMs = Math.max(peer.expectedMs, monotonicMs + deadAfterMs);
  }

  /** A message goes to a peer, or to all: who lives will speak soon, whenever it meant to. */
  expect(monotonicMs: number, node?: NodeId): void {
    for (const peer of this.#peers.values()) {
      if (node !== undefined && peer.node !== node) continue;
      peer.expectedMs = Math.min(peer.expectedMs, monotonicMs + deadAfterMs);
    }
  }

  hello(node: NodeId, hello: Hello, monotonicMs: number): void {
    const peer = this.#of(node);
    this.#claimed.set(node, hello.role);
    peer.wallLessMonotonicMs = hello.wallMs - monotonicMs;
  }

  heartbeat(node: NodeId, heartbeat: Heartbeat, monotonicMs: number): void {
    const peer = this.#of(node);
    peer.heartbeat = heartbeat;
    peer.expectedMs = monotonicMs + silenceOf(heartbeat.nextMs);
    peer.wallLessMonotonicMs = heartbeat.wallMs - monotonicMs;
  }

  /** Forgets a node that is no longer in the theatre's list. */
  forget(node: NodeId): void {
    this.#peers.delete(node);
    this.#boots.delete(node);
    this.#claimed.delete(node);
  }

  get(node: NodeId): Peer | null {
    return this.#peers.get(node) ?? null;
  }

  all(): Peer[] {
    return [...this.#peers.values()];
  }

  /** Connected peers that are not silent for longer than they may be. */
  alive(monotonicMs: number): Peer[] {
    return this.all().filter((peer) => peer.connected && monotonicMs <= peer.expectedMs);
  }

  /** Whether every peer that is alive says itself when it speaks next. */
  allUnderstandQuiet(monotonicMs: number): boolean {
    return this.alive(monotonicMs).every(({ heartbeat }) => heartbeat?.nextMs !== undefined);
  }

  /** Null for a node that was never heard in this run. */
  lastHeardAgoMs(node: NodeId, monotonicMs: number): number | null {
    const heardMs = this.#peers.get(node)?.lastHeardMs ?? null;
    return heardMs === null ? null : Math.max(0, Math.round(monotonicMs - heardMs));
  }

  #of(node: NodeId): Peer {
    const known = this.#peers.get(node);
    if (known !== undefined) return known;
    const peer: Peer = {
      node,
      connected: false,
      role: null,
      lastHeardMs: null,
      expectedMs: Number.NEGATIVE_INFINITY,
      heartbeat: null,
      wallLessMonotonicMs: null,
    };
    this.#peers.set(node, peer);
    return peer;
  }
}
