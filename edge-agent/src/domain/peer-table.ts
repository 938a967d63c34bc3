import type { Heartbeat, Hello, NodeId, Role } from '@foyer/contracts';

/** A connected peer that was silent for so long is dead: four heartbeats. */
export const deadAfterMs = 1000;

/** What this node knows of one peer. Times are of the monotonic clock. */
export interface Peer {
  node: NodeId;
  connected: boolean;
  role: Role | null;
  lastHeardMs: number | null;
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
    this.#of(node).connected = connected;
    // A disk that was restored may begin with a lower number than the one that was here before.
    this.#boots.delete(node);
  }

  /**
   * Notes the start that a peer says it is in.
   * @returns false for a start that is over: the peer spoke from a later one within `deadAfterMs`.
   */
  takesBoot(node: NodeId, boot: number, monotonicMs: number): boolean {
    const known = this.#boots.get(node);
    const living = known !== undefined && monotonicMs - known.heardMs <= deadAfterMs;
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
    this.#of(node).lastHeardMs = monotonicMs;
  }

  hello(node: NodeId, hello: Hello, monotonicMs: number): void {
    const peer = this.#of(node);
    this.#claimed.set(node, hello.role);
    peer.wallLessMonotonicMs = hello.wallMs - monotonicMs;
  }

  heartbeat(node: NodeId, heartbeat: Heartbeat, monotonicMs: number): void {
    const peer = this.#of(node);
    peer.heartbeat = heartbeat;
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

  /** Connected peers that were heard within `deadAfterMs`. */
  alive(monotonicMs: number): Peer[] {
    return this.all().filter(
      (peer) =>
        peer.connected &&
        peer.lastHeardMs !== null &&
        monotonicMs - peer.lastHeardMs <= deadAfterMs,
    );
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
      heartbeat: null,
      wallLessMonotonicMs: null,
    };
    this.#peers.set(node, peer);
    return peer;
  }
}
