import { lanes, type NodeId, type Status } from '@foyer/contracts';
import { ageOf, type SyncStatus } from '@foyer/cloud-sync/engine';
import type { AgentConfig } from '../config.ts';
import type { AdmissionCounts } from '../domain/admission/ports.ts';
import type { GuardedClock } from './guarded-clock.ts';
import type { MeshHub } from './mesh-hub.ts';
import type { AgentSync } from './sync.ts';

export interface StatusParts {
  config: Pick<AgentConfig, 'node' | 'role' | 'theatreNo'>;
  version: string;
  boot: number;
  startedMs: number;
  clock: GuardedClock;
  hub: MeshHub;
  sync: AgentSync;
  counts: AdmissionCounts | null;
  recovering: boolean;
}

/** What a peer holds of a node's lane, by its last heartbeat. */
function heldBy(hub: MeshHub, peer: NodeId | null, lane: SyncStatus['lanes'][number]): number {
  const held = peer === null ? undefined : hub.peers.get(peer)?.heartbeat?.lanes;
  const same = held?.find(
    (other) =>
      other.node === lane.node &&
      other.incarnation === lane.incarnation &&
      other.lane === lane.lane,
  );
  return same?.lastSeq ?? 0;
}

function ownLanes(parts: StatusParts, sync: SyncStatus, incarnation: string): Status['lanes'] {
  return lanes.map((lane) => {
    const state = sync.lanes.find(
      (one) => one.own && one.lane === lane && one.incarnation === incarnation,
    );
    if (state === undefined) return { lane, head: 0, acked: 0, durable: 0 };
    const { lastSeq: head, durableSeq: durable } = state;
    const held = heldBy(parts.hub, parts.sync.upstreamNode, state);
    return { lane, head, acked: Math.max(durable, Math.min(head, held)), durable };
  });
}

function feedStates(sync: SyncStatus, wallMs: number): Status['feeds'] {
  return sync.feeds.map(({ feed, epoch, cursor, head, digest, appliedMs }) => ({
    feed,
    epoch,
    cursor,
    head: Math.max(cursor, head),
    rows: digest.count,
    ageMs: ageOf(appliedMs, wallMs),
  }));
}

const noCounts: Status['counts'] = {
  greens: 0,
  ambers: 0,
  reds: 0,
  ignored: 0,
  degraded: 0,
  admitted: 0,
  doublesKnown: 0,
};

function countsOf(counts: AdmissionCounts | null): Status['counts'] {
  if (counts === null) return noCounts;
  const { greens, ambers, reds, ignored, degraded, admitted, doublesKnown } = counts;
  return { greens, ambers, reds, ignored, degraded, admitted, doublesKnown };
}

/** The state of this node, as its API answers it. */
export function statusOf(parts: StatusParts): Status {
  const { config, clock, hub } = parts;
  const sync = parts.sync.node.status();
  const incarnation = parts.sync.node.events.incarnation();
  const wallMs = clock.nowMs();
  const monotonicMs = clock.monotonicMs();
  const others = sync.lanes.filter((lane) => !lane.own);
  return {
    ...config,
    version: parts.version,
    boot: parts.boot,
    incarnation,
    uptimeMs: Math.round(monotonicMs - parts.startedMs),
    wallMs: Math.round(wallMs),
    clockAgreed: clock.agreed(),
    upstream: parts.sync.upstream((node) => hub.peers.get(node)),
    feeds: feedStates(sync, wallMs),
    lanes: ownLanes(parts, sync, incarnation),
    relayQueue: others.reduce((sum, lane) => sum + lane.waiting, 0),
    deadLetters: sync.deadLetters,
    recovering: parts.recovering,
    peers: hub.peers.all().map(({ node, connected }) => ({
      node,
      connected,
      lastHeardAgoMs: hub.peers.lastHeardAgoMs(node, monotonicMs),
    })),
    counts: countsOf(parts.counts),
  };
}
