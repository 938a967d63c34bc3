import type { FeedRow, NodeId, TheatreNo } from '@foyer/contracts';

import type { ServiceContext } from '../../services/context.ts';
import { findEntry } from '../store/catalogue.ts';

type NodeRow = FeedRow<'node'>;

/** A revocation by another worker takes effect within this time. */
const keptMs = 2000;
const maxKept = 10_000;

/** The nodes of all theatres, looked up when they speak. Nodes that are unknown are not kept. */
export class NodeDirectory {
  readonly #context: ServiceContext;
  readonly #kept = new Map<string, { row: NodeRow; untilMs: number }>();

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  async find(theatreNo: TheatreNo, nodeId: NodeId): Promise<NodeRow | undefined> {
    const { store, clock } = this.#context;
    const name = `${theatreNo}/${nodeId}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.untilMs > clock.monotonicMs()) return kept.row;
    const row = await findEntry(store.db, theatreNo, 'node', nodeId);
    this.#kept.delete(name);
    if (row === undefined) return undefined;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(name, { row, untilMs: clock.monotonicMs() + keptMs });
    return row;
  }
}
