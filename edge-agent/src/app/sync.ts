import { decodeFrame, encodeFrame } from '@foyer/cloud-sync/engine';
import {
  feedsOfRole,
  isFoyerError,
  type Heartbeat,
  type Message,
  type NodeId,
} from '@foyer/contracts';
import type { Link, Logger, Random } from '@foyer/platform';
import type { AgentConfig } from '../config.ts';
import type { ReceivedEvent } from '../domain/admission/ports.ts';
import type { GuardedClock } from './guarded-clock.ts';
import type { MeshHub } from './mesh-hub.ts';
import type { UpstreamView } from './status.ts';
import type { Storage } from './storage.ts';
import type { Unreadable } from './unreadable.ts';

/** The parts of the agent that keep it in step with its upstream, its peers and those below it. */
export interface Sync {
  start(): void;
  send(peer: NodeId, message: Message): boolean;
  /** A message of the mesh; those that are not of the sync are ignored. */
  onMeshMessage(from: NodeId, message: Message): void;
  onMeshPeer(peer: NodeId, alive: boolean): void;
  /** Events were committed: send them now. */
  flush(): void;
  positions(): Pick<Heartbeat, 'feeds' | 'lanes' | 'upstream'>;
  upstream(): UpstreamView;
  close(): void;
}

export interface SyncDeps {
  config: AgentConfig;
  storage: Storage;
  clock: GuardedClock;
  random: Random;
  logger: Logger;
  hub: MeshHub;
  mesh: Link;
  /** The link to the cloud; a theatre agent's only. */
  cloud: Link | null;
  unreadable: Unreadable;
  applyEvent(node: NodeId, event: ReceivedEvent): void;
  /** Rows of a feed changed. */
  onFeedChange(): void;
}

export function createSync(deps: SyncDeps): Sync {
  const { storage, config } = deps;
  return {
    start() {
      deps.mesh.onPayload((from, payload) => {
        try {
          deps.hub.receive(from, decodeFrame(payload));
        } catch (error) {
          if (!isFoyerError(error)) throw error;
          deps.unreadable.note('mesh', from, payload, error);
        }
      });
      deps.mesh.onPeer((peer, connected) => deps.hub.connection(peer, connected));
    },
    send: (peer, message) => deps.mesh.send(peer, encodeFrame(message)),
    onMeshMessage: () => {},
    onMeshPeer: () => {},
    flush: () => {},
    positions: () => ({
      feeds: feedsOfRole[config.role].map((feed) => {
        const { epoch, cursor } = storage.replica.position(feed);
        return { feed, epoch, cursor };
      }),
      lanes: storage.events.lanes().slice(0, 256),
      upstream: 'none',
    }),
    upstream: () => ({
      kind: 'none',
      node: null,
      connected: false,
      lastHeardAgoMs: null,
      heads: new Map(),
      acked: () => 0,
      relayQueue: 0,
    }),
    close: () => {},
  };
}
