/**
 * The sync engine: feeds down, outboxes up, over links that lose, double and reorder.
 *
 * An agent makes one `createSyncNode` on its journal and gives it its links; the node takes over
 * their listeners, answers and sends what belongs to feeds and outboxes, and passes every other
 * message on:
 *
 *     const sync = createSyncNode({ journal, clock, random, logger, self, apply, onRows });
 *     const wan = sync.addLink({ name: 'wan', link, roleOf: () => 'cloud', onMessage });
 *     const mesh = sync.addLink({ name: 'mesh', link, onMessage, onPeer });
 *     sync.setUpstream({ link: 'wan', peer: 'cloud' });   // again whenever the policy changes
 *     mesh.send(peer, message);                           // hello, heartbeat, votes: first in line
 *
 * - `apply(origin, event)` runs inside the transaction that advances a lane; it may answer a
 *   reject.
 * - `sync.events.append(body)` belongs inside the caller's transaction; it is pushed right after.
 * - `sync.replica` answers reads; `rowOf(record)` is the row through its contract's schema.
 * - Heartbeats carry `sync.heartbeat()`; those of peers go through the node by themselves.
 *
 * The cloud uses the pure parts on its own database: `FeedResponder` on a `FeedStore`,
 * `decidePush` for ingest, `Egress` for the link's limits.
 */
export * from './domain/frame.ts';
export * from './domain/rows.ts';
export { packBody, unpackBody } from './domain/blocks.ts';
export { storedRecord, type StoredRow } from './domain/stored-row.ts';
export { ageOf } from './domain/data-age.ts';
export * from './domain/ports.ts';
export { makeHint, planPull } from './domain/feed-source.ts';
export { payloadBytesFor } from './domain/packing.ts';
export { PieceGatherer } from './domain/pieces.ts';
export { egressLaneOf, type EgressLane } from './domain/egress-plan.ts';
export * from './domain/event-claims.ts';
export * from './domain/outbox-chain.ts';
export * from './domain/outbox-receive.ts';
export * from './domain/refusals.ts';
export { RefusalLog } from './adapters/refusal-log.ts';
export { migrateEngine } from './adapters/schema.ts';
export { FeedResponder, type FeedRequest } from './adapters/feed-responder.ts';
export { ReplicaStore, type ReplicaPosition } from './adapters/replica-store.ts';
export { EventStore, type LaneState } from './adapters/event-store.ts';
export { DeadLetters } from './adapters/dead-letters.ts';
export { Egress, type FrameStream } from './adapters/egress.ts';
export { createSyncNode, SyncNode } from './adapters/sync-node.ts';
export type { SyncNodeOptions, SyncStatus, Upstream } from './adapters/sync-node.ts';
export type { LinkOptions, SyncLink } from './adapters/sync-link.ts';
export type { PeerRole } from './adapters/channel.ts';
export type {
  ApplyEvent,
  EventOrigin,
  ReceivedEvent,
  RejectAnswer,
} from './adapters/outbox-receiver.ts';
export { rowOf } from './adapters/row-of.ts';
export { Kept } from './adapters/kept.ts';
