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
import { heartbeatEveryMs, PeerTable, type Peer } from '../domain/peer-table.ts';

/**
 * While nothing happens in the mesh but heartbeats that say the same, they come so much more
 * seldom; the slowest first. The protocol knows no pace beyond 10 s.
 */
const quietPaces = [
  { afterMs: 30_000, everyMs: 10_000 },
  { afterMs: 5000, everyMs: 2000 },
] as const;
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
  heartbeat: () => Omit<Heartbeat, 'type' | 'boot' | 'wallMs' | 'nextMs'>;
  onMessage(from: NodeId, message: Message): void;
  /** A peer began or ceased to answer. */
  onPeer(peer: NodeId, alive: boolean): void;
  /** Every heartbeat, and whenever somebody comes or goes: who is alive. */
  onBeat(alive: readonly Peer[]): void;
  /** The quiet is over. */
  onWoken?(): void;
}

/**
 * Who is on the mesh and alive: greetings, heartbeats, and what the last of them said. In a quiet
 * mesh heartbeats slow down; the first message of anybody brings them all back to their pace, and
 * whoever does not speak then is dead as soon as ever.
 */
export class MeshHub implements MeshPort {
  readonly peers = new PeerTable();
  readonly #deps: MeshHubDeps;
  #alive = new Set<NodeId>();
  #timer: Timer | null = null;
  #beats = 0;
  #busyMs = Number.NEGATIVE_INFINITY;
  #everyMs = heartbeatEveryMs;
  /** What the last heartbeat said. */
  #told: Partial<Heartbeat> = {};

  constructor(deps: MeshHubDeps) {
    this.#deps = deps;
  }

  start(): void {
    for (const peer of this.#deps.channel.peers()) this.connection(peer, true);
    this.#arm(heartbeatEveryMs);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  send(peer: NodeId, message: AdmissionMessage | Message): boolean {
    this.#wake();
    this.peers.expect(this.#deps.clock.monotonicMs(), peer);
    return this.#deps.channel.send(peer, message);
  }

  sendToAll(message: Message): void {
    this.#wake();
    this.peers.expect(this.#deps.clock.monotonicMs());
    this.#deps.channel.sendToAll(message);
  }

  /** Whether nothing happened lately. */
  get isQuiet(): boolean {
    return this.#everyMs > heartbeatEveryMs;
  }

  /** Something happens at this node: a guest is at the gate, an event was written. */
  wake(): void {
    this.#wake();
  }

  /** The link gained or lost a peer. */
  connection(peer: NodeId, connected: boolean): void {
    this.peers.connection(peer, connected);
    this.#wake();
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
      else this.#heard(from, message, nowMs);
    } else this.#wake();
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

  #heard(from: NodeId, heartbeat: Heartbeat, nowMs: number): void {
    const before = this.peers.get(from)?.heartbeat ?? null;
    this.peers.heartbeat(from, heartbeat, nowMs);
    const hastens = (before?.nextMs ?? 0) > (heartbeat.nextMs ?? 0);
    if (before === null || hastens || !saysTheSame(before, heartbeat)) this.#wake();
  }

  /** Something happens: from now on everybody tells often that it lives. */
  #wake(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#busyMs = nowMs;
    if (this.#everyMs === heartbeatEveryMs) return;
    this.#everyMs = heartbeatEveryMs;
    this.peers.expect(nowMs);
    if (this.#timer !== null) {
      this.#timer.cancel();
      this.#arm(0);
    }
    this.#deps.onWoken?.();
  }

  /** How long until the next heartbeat: old peers that know one pace only keep all to it. */
  #choosePace(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const quietMs = nowMs - this.#busyMs;
    const pace = quietPaces.find(({ afterMs }) => quietMs >= afterMs);
    if (pace !== undefined && this.peers.allUnderstandQuiet(nowMs)) this.#everyMs = pace.everyMs;
    else if (this.#everyMs !== heartbeatEveryMs) this.#wake();
  }

  #greet(peer: NodeId): void {
    this.#deps.channel.send(peer, this.#hello());
    this.#deps.channel.send(peer, this.#heartbeat());
  }

  #hello(): Hello {
    const { self, clock } = this.#deps;
    const versions = { oldest: oldestProtocolVersion, newest: protocolVersion };
    return { type: 'hello', ...self, ...versions, wallMs: clock.nowMs() };
  }

  #heartbeat(): Heartbeat {
    const { self, heartbeat, clock } = this.#deps;
    const said = { ...heartbeat(), nextMs: this.#everyMs };
    return { type: 'heartbeat', boot: self.boot, wallMs: clock.nowMs(), ...said };
  }

  #beat(): void {
    const next = this.#heartbeat();
    if (!saysTheSame(this.#told, next)) this.#wake();
    this.#choosePace();
    this.#told = next;
    this.#arm(this.#everyMs);
    this.#deps.channel.sendToAll({ ...next, nextMs: this.#everyMs });
  }

  #arm(delayMs: number): void {
    this.#timer = this.#deps.clock.setTimer('mesh-heartbeat', delayMs, () => {
      this.#timer = null;
      this.#watch();
      this.#beats += 1;
      if (this.#beats % greetEveryBeats === 0) this.#deps.channel.sendToAll(this.#hello());
      this.#beat();
    });
  }

  #watch(): void {
    // Again each time: the list of nodes that allows a role may come after the greeting.
    this.peers.settleRoles(this.#deps.mayBe);
    const peers = this.peers.alive(this.#deps.clock.monotonicMs());
    const alive = new Set(peers.map((peer) => peer.node));
    const before = this.#alive;
    this.#alive = alive;
    if (alive.size !== before.size || peers.some(({ node }) => !before.has(node))) this.#wake();
    for (const peer of before) if (!alive.has(peer)) this.#deps.onPeer(peer, false);
    for (const peer of alive) if (!before.has(peer)) this.#deps.onPeer(peer, true);
    this.#deps.onBeat(peers);
  }
}

/** Whether two heartbeats differ in their times only. */
function saysTheSame(one: Partial<Heartbeat>, other: Partial<Heartbeat>): boolean {
  return (
    one.boot === other.boot &&
    one.recovering === other.recovering &&
    one.upstream === other.upstream &&
    isSame(one.lanes, other.lanes) &&
    isSame(one.feeds, other.feeds) &&
    isSame(one.configEpochs, other.configEpochs)
  );
}

/** Lists that did not change are the same objects, as a rule. */
function isSame(one: readonly unknown[] | undefined, other: readonly unknown[] | undefined) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
