import type { Lane } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

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

const newestFirst = (a: LaneRow, b: LaneRow): number => b.touched_ms - a.touched_ms || b.id - a.id;

/**
 * The table of lanes in memory: a file has one writer, and every message asks for them. While a
 * write may yet be rolled back everything is read; after its commit, the rows that it was about.
 */
export class LaneRows {
  readonly #journal: Pick<Journal, 'commits' | 'prepare'>;
  /** Newest first; null: to be read. */
  #rows: readonly LaneRow[] | null = null;
  readonly #stale = new Set<number>();
  #writtenAtCommits = -1;

  constructor(journal: Pick<Journal, 'commits' | 'prepare'>) {
    this.#journal = journal;
  }

  /** To be called before each write to one lane. */
  forget(id: number): void {
    this.#writtenAtCommits = this.#journal.commits;
    this.#stale.add(id);
  }

  /** To be called before each write to several lanes, or of a new one. */
  forgetAll(): void {
    this.#writtenAtCommits = this.#journal.commits;
    this.#rows = null;
  }

  /** Every lane, those that changed last first. The same list as before where none changed. */
  all(): readonly LaneRow[] {
    if (this.#writtenAtCommits === this.#journal.commits) return this.#read();
    let rows = this.#rows;
    if (rows === null) rows = this.#read();
    else if (this.#stale.size > 0) {
      const fresh = [...this.#stale].flatMap((id) => this.#readOne(id) ?? []);
      const others = rows.filter(({ id }) => !this.#stale.has(id));
      rows = [...fresh, ...others].toSorted(newestFirst);
    }
    this.#stale.clear();
    this.#rows = rows;
    return rows;
  }

  byId(id: number): LaneRow | undefined {
    const uncertain = this.#writtenAtCommits === this.#journal.commits;
    return uncertain ? this.#readOne(id) : this.all().find((row) => row.id === id);
  }

  find({ node, incarnation, lane }: LaneKey): LaneRow | undefined {
    if (this.#writtenAtCommits === this.#journal.commits) {
      return this.#journal
        .prepare<LaneRow>(
          'SELECT * FROM outbox_lane WHERE node = ? AND incarnation = ? AND lane = ?',
        )
        .get(node, incarnation, lane);
    }
    return this.all().find(
      (row) => row.lane === lane && row.node === node && row.incarnation === incarnation,
    );
  }

  #read(): LaneRow[] {
    return this.#journal
      .prepare<LaneRow>('SELECT * FROM outbox_lane ORDER BY touched_ms DESC, id DESC')
      .all();
  }

  #readOne(id: number): LaneRow | undefined {
    return this.#journal.prepare<LaneRow>('SELECT * FROM outbox_lane WHERE id = ?').get(id);
  }
}
