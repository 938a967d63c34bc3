import {
  oldestProtocolVersion,
  protocolVersion,
  type Heartbeat,
  type Hello,
  type Message,
  type NodeId,
  type Role,
} from '@foyer/contracts';
import type { Refusal } from '@foyer/cloud-sync/engine';
import type { Clock, Timer } from '@foyer/platform';
import type { AdmissionMessage, MeshPort } from '../domain/admission/ports.ts';
import type { ClockReading } from '../domain/clock-agreement.ts';
import { PeerTable, type Peer } from '../domain/peer-table.ts';

/** A peer that is silent for four of these is dead. */
const heartbeatEveryMs = 250;
/** A greeting may be lost, and with it what a peer may do: it is said again every 2 s. */
const greetEveryBeats = 8;

/** What the hub sends over. */
export interface MeshChannel {
  peers(): readonly string[];
  send(peer: NodeId, message: Message): boolean;
  sendToAll(message: Message): void;
}

export interface MeshHubDeps {
  self: { node: NodeId; role: Role; boot: number };
  /** The mesh, in messages. */
  channel: MeshChannel;
  /** This machine's clock, uncorrected: the others judge theirs by it. */
  clock: Clock;
  /** Whether a peer may have the role that it claims. */
  mayBe: (node: NodeId, role: Role) => boolean;
  onRefused: (refusal: Refusal) => void;
  /** What this node has, without what the hub itself knows. */
  heartbeat: () => Omit<Heartbeat, 'type' | 'boot' | 'wallMs'>;
  onMessage(from: NodeId, message: Message): void;
  /** A peer began or ceased to answer. */
  onPeer(peer: NodeId, alive: boolean): void;
  /** Every heartbeat, and whenever somebody comes or goes: who is alive. */
  onBeat(alive: readonly Peer[]): void;
}

/** Who is on the mesh and alive: greetings, heartbeats, and what the last of them said. */
export class MeshHub implements MeshPort {
  readonly peers = new PeerTable();
  readonly #deps: MeshHubDeps;
  #alive = new Set<NodeId>();
  #timer: Timer | null = null;
  #beats = 0;

  constructor(deps: MeshHubDeps) {
    this.#deps = deps;
  }

  start(): void {
    for (const peer of this.#deps.channel.peers()) this.connection(peer, true);
    this.#beat();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  send(peer: NodeId, message: AdmissionMessage | Message): boolean {
    return this.#deps.channel.send(peer, message);
  }

  sendToAll(message: Message): void {
    this.#deps.channel.sendToAll(message);
  }

  /** The link gained or lost a peer. */
  connection(peer: NodeId, connected: boolean): void {
    this.peers.connection(peer, connected);
    if (connected) this.#greet(peer);
    this.#watch();
  }

  /** A message came from a peer. */
  receive(from: NodeId, message: Message): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const { type } = message;
    this.peers.heard(from, nowMs);
    if (type === 'hello' || type === 'heartbeat') {
      if (!this.peers.takesBoot(from, message.boot, nowMs)) {
        this.#deps.onRefused({ reason: 'old-boot', type, peer: from });
        return;
      }
      if (type === 'hello') this.#greeted(from, message, nowMs);
      else this.peers.heartbeat(from, message, nowMs);
    }
    if (!this.#alive.has(from)) this.#watch();
    this.#deps.onMessage(from, message);
  }

  #greeted(from: NodeId, hello: Hello, nowMs: number): void {
    this.peers.hello(from, hello, nowMs);
    this.peers.settleRoles(this.#deps.mayBe);
  }

  reachable(): readonly NodeId[] {
    return this.peers.alive(this.#deps.clock.monotonicMs()).map((peer) => peer.node);
  }

  /** What the clocks of the peers show now, of those that were heard in this run. */
  clockReadings(): ClockReading[] {
    const nowMs = this.#deps.clock.monotonicMs();
    return this.peers
      .all()
      .flatMap(({ node, wallLessMonotonicMs }) =>
        wallLessMonotonicMs === null ? [] : [{ node, wallMs: nowMs + wallLessMonotonicMs }],
      );
  }

  lastHeardAgoMs(node: NodeId): number | null {
    return this.peers.lastHeardAgoMs(node, this.#deps.clock.monotonicMs());
  }

  #greet(peer: NodeId): void {
    this.send(peer, this.#hello());
    this.send(peer, this.#heartbeat());
  }

  #hello(): Hello {
    const { self, clock } = this.#deps;
    const versions = { oldest: oldestProtocolVersion, newest: protocolVersion };
    return { type: 'hello', ...self, ...versions, wallMs: clock.nowMs() };
  }

  #heartbeat(): Heartbeat {
    const { self, heartbeat, clock } = this.#deps;
    return { type: 'heartbeat', boot: self.boot, wallMs: clock.nowMs(), ...heartbeat() };
  }

  #beat(): void {
    this.#timer = this.#deps.clock.setTimer('mesh-heartbeat', heartbeatEveryMs, () => {
      this.#beat();
      this.#watch();
      this.#beats += 1;
      if (this.#beats % greetEveryBeats === 0) this.sendToAll(this.#hello());
      this.sendToAll(this.#heartbeat());
    });
  }

  #watch(): void {
    // Again each time: the list of nodes that allows a role may come after the greeting.
    this.peers.settleRoles(this.#deps.mayBe);
    const peers = this.peers.alive(this.#deps.clock.monotonicMs());
    const alive = new Set(peers.map((peer) => peer.node));
    const before = this.#alive;
    this.#alive = alive;
    for (const peer of before) if (!alive.has(peer)) this.#deps.onPeer(peer, false);
    for (const peer of alive) if (!before.has(peer)) this.#deps.onPeer(peer, true);
    this.#deps.onBeat(peers);
  }
}
