import {
  createSyncNode,
  judgeEvent,
  type EventOrigin,
  type Refusal,
  type RejectAnswer,
  type SyncLink,
  type SyncNode,
} from '@foyer/cloud-sync/engine';
import type { FeedName, Message, NodeId, Role, Status } from '@foyer/contracts';
import { cloudPeer, type Journal, type Link, type Logger, type Random } from '@foyer/platform';
import type { AgentConfig } from '../config.ts';
import type { ReceivedEvent } from '../domain/admission/ports.ts';
import type { Peer } from '../domain/peer-table.ts';
import { chooseUpstream } from '../domain/upstream.ts';
import type { GuardedClock } from './guarded-clock.ts';

const wan = 'wan';
const lan = 'mesh';

export interface SyncDeps {
  config: Pick<AgentConfig, 'node' | 'role' | 'theatreNo'>;
  journal: Journal;
  clock: GuardedClock;
  random: Random;
  logger: Logger;
  mesh: Link;
  /** The link to the cloud; a theatre agent's only. */
  cloud: Link | null;
  /** The effect of another node's event, inside the transaction that takes it in. */
  applyEvent: (node: NodeId, event: ReceivedEvent) => void;
  /** Whether a peer has the role that it claims: a screen must not pull tickets as a gate. */
  mayBe: (node: NodeId, role: Role) => boolean;
  /** What the list of nodes says of a node; null where it says nothing. */
  roleOf: (node: NodeId) => Role | null;
  /** A peer's message was refused. */
  onRefused: (refusal: Refusal) => void;
  /** This node's disk was cloned or restored. */
  onForked: () => void;
  /** Rows of a feed changed. */
  onRows: (feed: FeedName) => void;
  onMeshMessage: (from: NodeId, message: Message) => void;
  onMeshPeer: (peer: NodeId, connected: boolean) => void;
}

/** The way up, as the status tells it. */
export type UpstreamView = Status['upstream'];

/** The same link; `heard` is called for each payload that came in. */
function listening(link: Link, heard: () => void): Link {
  return {
    get limits() {
      return link.limits;
    },
    peers: () => link.peers(),
    send: (peer, payload) => link.send(peer, payload),
    onPayload: (listener) =>
      link.onPayload((peer, payload) => {
        heard();
        listener(peer, payload);
      }),
    onPeer: (listener) => link.onPeer(listener),
    close: () => link.close(),
  };
}

/** Keeps this node in step with its upstream, its peers and those that pull from it. */
export class AgentSync {
  readonly node: SyncNode;
  readonly #deps: SyncDeps;
  #mesh: SyncLink | null = null;
  #upstream: NodeId | null = null;
  #cloudHeardMs: number | null = null;

  constructor(deps: SyncDeps) {
    const { config, journal, clock, random, logger } = deps;
    this.#deps = deps;
    this.node = createSyncNode({
      journal,
      clock,
      random,
      logger,
      self: { node: config.node, role: config.role },
      apply: (origin, event) => this.#apply(origin, event),
      onRows: (feed) => deps.onRows(feed),
      onForked: () => deps.onForked(),
      onRefused: (refusal) => deps.onRefused(refusal),
    });
  }

  #apply({ node, lane }: EventOrigin, event: ReceivedEvent): RejectAnswer | void {
    const { config, roleOf, applyEvent } = this.#deps;
    if (lane === 'ledger' && roleOf(node) === 'screen') {
      return { code: 'wrong-role', message: `${node} is a screen: it admits nobody.` };
    }
    const { theatreNo } = config;
    const fault = judgeEvent({ node, lane, theatreNo }, event.body);
    if (fault !== null) return fault;
    applyEvent(node, event);
  }

  /** Takes over the links. Call it when everything that they may call stands. */
  start(): void {
    const { mesh, cloud, clock, onMeshMessage, onMeshPeer } = this.#deps;
    this.#mesh = this.node.addLink({
      name: lan,
      link: mesh,
      mayBe: this.#deps.mayBe,
      onMessage: (peer, message) => onMeshMessage(peer, message),
      onPeer: (peer, connected) => onMeshPeer(peer, connected),
    });
    if (cloud === null) return;
    const link = listening(cloud, () => {
      this.#cloudHeardMs = clock.monotonicMs();
    });
    this.node.addLink({ name: wan, link, roleOf: () => 'cloud' });
    this.node.setUpstream({ link: wan, peer: cloudPeer });
  }

  peers(): readonly string[] {
    return this.#mesh?.peers() ?? [];
  }

  send(peer: NodeId, message: Message): boolean {
    return this.#mesh?.send(peer, message) ?? false;
  }

  sendToAll(message: Message): void {
    this.#mesh?.sendToAll(message);
  }

  /** Chooses whom to follow among the peers that are alive; a theatre agent follows the cloud. */
  follow(alive: readonly Peer[]): void {
    if (this.#deps.cloud !== null) return;
    const own = this.node.heartbeat().feeds;
    const chosen = chooseUpstream(own, alive, this.#upstream);
    if (chosen === this.#upstream) return;
    this.#deps.logger.info('upstream-chosen', { node: chosen, before: this.#upstream });
    this.#upstream = chosen;
    this.node.setUpstream(chosen === null ? null : { link: lan, peer: chosen });
  }

  /** The node that this one follows; null for the cloud and for nobody. */
  get upstreamNode(): NodeId | null {
    return this.#upstream;
  }

  upstream(peerOf: (node: NodeId) => Peer | null): UpstreamView {
    const nowMs = this.#deps.clock.monotonicMs();
    const since = (heardMs: number | null): number | null =>
      heardMs === null ? null : Math.max(0, Math.round(nowMs - heardMs));
    const connected = this.node.isFollowing;
    if (this.#deps.cloud !== null) {
      const lastHeardAgoMs = since(this.#cloudHeardMs);
      return { kind: 'cloud', node: null, connected, lastHeardAgoMs };
    }
    const node = this.#upstream;
    const peer = node === null ? null : peerOf(node);
    if (peer === null) return { kind: 'none', node: null, connected: false, lastHeardAgoMs: null };
    const kind = peer.role === 'theatre' ? 'theatre' : 'peer';
    return { kind, node, connected, lastHeardAgoMs: since(peer.lastHeardMs) };
  }

  /** What a heartbeat says of this node's way up. */
  upstreamKind(peerOf: (node: NodeId) => Peer | null): UpstreamView['kind'] {
    if (this.#deps.cloud !== null) return 'cloud';
    if (this.#upstream === null) return 'none';
    return peerOf(this.#upstream)?.role === 'theatre' ? 'theatre' : 'peer';
  }

  /** Closes the links, too. Idempotent. */
  close(): Promise<void> {
    return this.node.close();
  }
}
