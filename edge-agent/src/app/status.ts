import { feedsOfRole, lanes, type Lane, type NodeId, type Status } from '@foyer/contracts';
import type { AgentConfig } from '../config.ts';
import type { AdmissionCounts } from '../domain/admission/ports.ts';
import type { GuardedClock } from './guarded-clock.ts';
import type { MeshHub } from './mesh-hub.ts';
import type { Storage } from './storage.ts';

/** What the sync knows of the way up. */
export interface UpstreamView {
  kind: Status['upstream']['kind'];
  node: NodeId | null;
  connected: boolean;
  lastHeardAgoMs: number | null;
  /** The last position that the upstream named, by feed. */
  heads: ReadonlyMap<string, number>;
  /** What the upstream took of this node's own lanes. */
  acked(lane: Lane): number;
  relayQueue: number;
}

export interface StatusParts {
  config: Pick<AgentConfig, 'node' | 'role' | 'theatreNo'>;
  version: string;
  startedMs: number;
  storage: Storage;
  clock: GuardedClock;
  hub: MeshHub;
  upstream(): UpstreamView;
  counts(): AdmissionCounts | null;
  recovering(): boolean;
}

function laneStates(storage: Storage, upstream: UpstreamView): Status['lanes'] {
  const { events } = storage;
  const incarnation = events.incarnation();
  return lanes.map((lane) => {
    const state = events.lane({ node: events.self, incarnation, lane });
    const durable = state?.durableSeq ?? 0;
    const acked = Math.max(durable, upstream.acked(lane));
    return { lane, head: state?.lastSeq ?? 0, acked, durable };
  });
}

/** The state of this node, as its API answers it. */
export function statusOf(parts: StatusParts): Status {
  const { config, storage, clock, hub } = parts;
  const upstream = parts.upstream();
  const wallMs = clock.nowMs();
  const monotonicMs = clock.monotonicMs();
  const feeds = feedsOfRole[config.role].map((feed) => {
    const { epoch, cursor, appliedMs, digest } = storage.replica.position(feed);
    const head = Math.max(cursor, upstream.heads.get(feed) ?? 0);
    const ageMs = appliedMs === null ? null : Math.max(0, Math.round(wallMs - appliedMs));
    return { feed, epoch, cursor, head, rows: digest.count, ageMs };
  });
  const counts = parts.counts();
  return {
    ...config,
    version: parts.version,
    boot: storage.boot,
    incarnation: storage.events.incarnation(),
    uptimeMs: Math.round(monotonicMs - parts.startedMs),
    wallMs: Math.round(wallMs),
    clockAgreed: clock.agreed(),
    upstream: {
      kind: upstream.kind,
      node: upstream.node,
      connected: upstream.connected,
      lastHeardAgoMs: upstream.lastHeardAgoMs,
    },
    feeds,
    lanes: laneStates(storage, upstream),
    relayQueue: upstream.relayQueue,
    deadLetters: storage.deadLetters.count(),
    recovering: parts.recovering(),
    peers: hub.peers.all().map(({ node, connected }) => ({
      node,
      connected,
      lastHeardAgoMs: hub.peers.lastHeardAgoMs(node, monotonicMs),
    })),
    counts: {
      greens: counts?.greens ?? 0,
      ambers: counts?.ambers ?? 0,
      reds: counts?.reds ?? 0,
      ignored: counts?.ignored ?? 0,
      degraded: counts?.degraded ?? 0,
      admitted: counts?.admitted ?? 0,
      doublesKnown: counts?.doublesKnown ?? 0,
    },
  };
}
