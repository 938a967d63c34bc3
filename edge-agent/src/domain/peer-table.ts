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

  /** Notes that the link gained or lost a peer. */
  connection(node: NodeId, connected: boolean): void {
    this.#of(node).connected = connected;
  }

  /** Any message proves that a peer lives. */
  heard(node: NodeId, monotonicMs: number): void {
    this.#of(node).lastHeardMs = monotonicMs;
  }

  hello(node: NodeId, hello: Hello, monotonicMs: number): void {
    const peer = this.#of(node);
    peer.role = hello.role;
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
