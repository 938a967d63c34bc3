import type { Lane } from '@foyer/contracts';

import type { LaneKey } from '../domain/outbox-chain.ts';

/** How far a store is with one lane of one incarnation of a node. */
export interface LaneState extends LaneKey {
  id: number;
  /** The oldest event that is still held; lastSeq + 1 when none is. */
  firstSeq: number;
  /** The chain's hash before `firstSeq`. */
  baseHash: string;
  lastSeq: number;
  lastHash: string;
  durableSeq: number;
  forked: boolean;
  touchedMs: number;
}

/** The same as it is stored. */
export interface LaneRow {
  id: number;
  node: string;
  incarnation: string;
  lane: Lane;
  first_seq: number;
  base_hash: string;
  last_seq: number;
  last_hash: string;
  durable_seq: number;
  forked: number;
  touched_ms: number;
}

export function toState(row: LaneRow): LaneState {
  return {
    id: row.id,
    node: row.node,
    incarnation: row.incarnation,
    lane: row.lane,
    firstSeq: row.first_seq,
    baseHash: row.base_hash,
    lastSeq: row.last_seq,
    lastHash: row.last_hash,
    durableSeq: row.durable_seq,
    forked: row.forked === 1,
    touchedMs: row.touched_ms,
  };
}
