import {
  genesisHash,
  laneOfKind,
  type Ack,
  type EventBody,
  type OutboxEvent,
  type Push,
} from '@foyer/contracts';
import type { Journal, Random } from '@foyer/platform';

import { chainHash, type LaneKey } from '../domain/outbox-chain.ts';
import { Kept } from './kept.ts';
import { LaneRows, toState, type LaneRow, type LaneState } from './lane-rows.ts';
import { migrateEngine } from './schema.ts';

export interface StoredEvent extends OutboxEvent {
  hash: string;
  atMs: number;
}

export type { LaneState };

export type Reject = Ack['rejects'][number];

/** Events of so long are sent again when the disk turns out to be another's past. */
const sentAgainMs = 48 * 60 * 60_000;

/** The first event of a lane, and the chain's hash before it. */
export type LaneStart = Pick<LaneState, 'firstSeq' | 'baseHash'>;

const genesis: LaneStart = { firstSeq: 1, baseHash: genesisHash };

export interface EventStoreOptions {
  journal: Journal;
  random: Random;
  /** Wall clock, UTC milliseconds. */
  nowMs: () => number;
  self: string;
  /**
   * How many events of a lane other than the ledger may wait; beyond it the oldest are dropped.
   * 200,000 when absent: about 60 MB.
   */
  maxWaiting?: number;
}

/**
 * A node's events and those of others that it relays, in one table: numbered and chained per
 * (node, incarnation, lane). Appending and accepting happen inside the caller's transaction.
 */
export class EventStore {
  readonly self: string;
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #nowMs: () => number;
  readonly #maxWaiting: number;
  /** Not yet in the journal: what is durable is learned anew, and need not cost a commit. */
  readonly #durable = new Map<number, number>();
  readonly #states = new WeakMap<LaneRow, LaneState>();
  /** What `lanes` answered last, of which rows, before which change of `#durable`. */
  #listed: { rows: readonly LaneRow[]; states: readonly LaneState[] } | null = null;
  readonly #lanes: LaneRows;
  /** Lanes with rejects. */
  readonly #rejecting: Kept<ReadonlySet<number>>;
  readonly #self: Kept<string>;
  #appended: () => void = () => undefined;
  #dropped = 0;

  constructor(options: EventStoreOptions) {
    migrateEngine(options.journal);
    this.self = options.self;
    this.#journal = options.journal;
    this.#lanes = new LaneRows(options.journal);
    this.#rejecting = new Kept(options.journal);
    this.#self = new Kept(options.journal);
    this.#random = options.random;
    this.#nowMs = options.nowMs;
    this.#maxWaiting = options.maxWaiting ?? 200_000;
  }

  /** Events of lanes other than the ledger that were dropped because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * `listener` runs after each append, still inside the caller's transaction: it may set a timer.
   */
  onAppend(listener: () => void): void {
    this.#appended = listener;
  }

  // -- own events --------------------------------------------------------------------------------

  /** The incarnation that own events are numbered in; made at the first call. */
  incarnation(): string {
    const find = this.#journal.prepare<{ incarnation: string }>('SELECT * FROM outbox_self');
    return this.#self.get('', () => find.get()?.incarnation ?? this.#newIncarnation());
  }

  /**
   * Adds an own event: it is as durable as the caller's transaction, within which this is called.
   * The lane follows from the kind.
   */
  append(body: EventBody, eventId: string = this.#random.uuid()): { eventId: string; seq: number } {
    return this.#journal.transaction(() => {
      const lane = laneOfKind[body.kind];
      const key = { node: this.self, incarnation: this.incarnation(), lane };
      const state = this.lane(key) ?? this.#openLane(key);
      const event = { seq: state.lastSeq + 1, eventId, body: JSON.stringify(body) };
      this.insert(state, { ...event, hash: chainHash(state.lastHash, event) });
      if (lane !== 'ledger') this.#bound(state.id);
      this.#appended();
      return { eventId, seq: event.seq };
    });
  }

  /**
   * Begins a new incarnation, because others hold events under our numbers that we do not: our disk
   * is a clone or was restored. Own events that the cloud has not, and for safety those of the last
   * two days, are numbered anew under their event ids: effects count once by id. The old lanes keep
   * what is durable, so that the rest can be fetched from others.
   * @returns how many were numbered anew.
   */
  reincarnate(): number {
    return this.#journal.transaction(() => {
      const old = this.incarnation();
      const lanes = this.lanes().filter((l) => l.node === this.self && l.incarnation === old);
      const sinceMs = this.#nowMs() - sentAgainMs;
      const waiting = lanes.flatMap((lane) => {
        const old = this.newestBefore(lane, lane.durableSeq, sinceMs);
        return this.events(lane, old, this.#maxWaiting);
      });
      for (const lane of lanes) this.#cutBack(lane);
      this.#newIncarnation();
      for (const event of waiting) {
        const body = JSON.parse(event.body) as EventBody;
        this.append(body, event.eventId);
      }
      return waiting.length;
    });
  }

  #newIncarnation(): string {
    this.#self.forget();
    const incarnation = Buffer.from(this.#random.bytes(8)).toString('hex');
    this.#journal.prepare('INSERT OR REPLACE INTO outbox_self VALUES (1, ?)').run(incarnation);
    return incarnation;
  }

  #cutBack(lane: LaneState): void {
    this.#cutTo(lane, Math.max(lane.durableSeq, lane.firstSeq - 1), false);
  }

  #cutTo(lane: LaneState, kept: number, closed: boolean): void {
    this.#forget(lane);
    const hash = this.hashAt(lane, kept) ?? genesisHash;
    for (const table of ['outbox_event', 'outbox_reject']) {
      this.#journal
        .prepare(`DELETE FROM ${table} WHERE lane_id = ? AND seq > ?`)
        .run(lane.id, kept);
    }
    this.#journal
      .prepare('UPDATE outbox_lane SET last_seq = ?, last_hash = ?, forked = ? WHERE id = ?')
      .run(kept, hash, closed ? 1 : 0, lane.id);
  }

  #bound(laneId: number): void {
    const lane = this.laneById(laneId);
    if (lane === undefined) return;
    const excess = lane.lastSeq - Math.max(lane.durableSeq, lane.firstSeq - 1) - this.#maxWaiting;
    if (excess <= 0) return;
    this.#dropped += excess;
    this.prune(lane, Math.max(lane.durableSeq, lane.firstSeq - 1) + excess);
  }

  // -- lanes -------------------------------------------------------------------------------------

  lane(key: LaneKey): LaneState | undefined {
    const row = this.#lanes.find(key);
    return row === undefined ? undefined : this.#toState(row);
  }

  laneById(id: number): LaneState | undefined {
    const row = this.#lanes.byId(id);
    return row === undefined ? undefined : this.#toState(row);
  }

  /** Every lane, those that changed last first. The same list as before where none changed. */
  lanes(): readonly LaneState[] {
    const rows = this.#lanes.all();
    if (this.#listed?.rows !== rows) {
      this.#listed = { rows, states: rows.map((row) => this.#toState(row)) };
    }
    return this.#listed.states;
  }

  /** The same object as before where neither the row nor what is durable changed. */
  #toState(row: LaneRow): LaneState {
    const durable = Math.min(this.#durable.get(row.id) ?? row.durable_seq, row.last_seq);
    const known = this.#states.get(row);
    if (known?.durableSeq === durable) return known;
    const state = toState({ ...row, durable_seq: durable });
    this.#states.set(row, state);
    return state;
  }

  #forget(lane: { id: number }): void {
    this.#rejecting.forget();
    this.#lanes.forget(lane.id);
  }

  /** The lane; where there is none it begins with the event that follows `start`. */
  openLane(key: LaneKey, start?: LaneStart): LaneState {
    return this.lane(key) ?? this.#openLane(key, start);
  }

  #openLane(key: LaneKey, { firstSeq, baseHash }: LaneStart = genesis): LaneState {
    this.#lanes.forgetAll();
    const { node, incarnation, lane } = key;
    this.#journal
      .prepare(
        `INSERT INTO outbox_lane (node, incarnation, lane, first_seq, base_hash, last_seq,
         last_hash, durable_seq, forked, touched_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)`,
      )
      .run(node, incarnation, lane, firstSeq, baseHash, firstSeq - 1, baseHash, this.#nowMs());
    const state = this.lane(key);
    if (state === undefined) throw new Error('A lane vanished inside its own transaction.');
    return state;
  }

  /** The chain's hash after an event that is held, or before the first one; null for any other. */
  hashAt(lane: LaneState, seq: number): string | null {
    if (seq === lane.firstSeq - 1) return lane.baseHash;
    if (seq === lane.lastSeq) return lane.lastHash;
    const row = this.#journal
      .prepare<{ hash: string }>('SELECT hash FROM outbox_event WHERE lane_id = ? AND seq = ?')
      .get(lane.id, seq);
    return row?.hash ?? null;
  }

  /** Events after `since`, in order. */
  events(lane: { id: number }, since: number, limit: number): StoredEvent[] {
    const rows = this.#journal
      .prepare<{ seq: number; event_id: string; body: string; hash: string; at_ms: number }>(
        `SELECT seq, event_id, body, hash, at_ms FROM outbox_event
         WHERE lane_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
      )
      .all(lane.id, since, limit);
    return rows.map(({ seq, event_id, body, hash, at_ms }) => {
      return { seq, eventId: event_id, body, hash, atMs: at_ms };
    });
  }

  /** True when an event of this id is held, in whatever lane. */
  has(eventId: string): boolean {
    return (
      this.#journal.prepare('SELECT 1 FROM outbox_event WHERE event_id = ?').get(eventId) !==
      undefined
    );
  }

  /** The nodes whose lanes hold an event of this id: one, unless somebody took another's id. */
  nodesOf(eventId: string): string[] {
    const rows = this.#journal
      .prepare<{ id: number }>('SELECT lane_id AS id FROM outbox_event WHERE event_id = ?')
      .all(eventId);
    return [...new Set(rows.flatMap(({ id }) => this.laneById(id)?.node ?? []))];
  }

  /** Adds the event that follows a lane's last one, inside the caller's transaction. */
  insert(lane: { id: number }, event: OutboxEvent & { hash: string }): void {
    this.#lanes.forget(lane.id);
    const nowMs = this.#nowMs();
    this.#journal
      .prepare('INSERT INTO outbox_event VALUES (?, ?, ?, ?, ?, ?)')
      .run(lane.id, event.seq, event.eventId, event.body, event.hash, nowMs);
    this.#journal
      .prepare('UPDATE outbox_lane SET last_seq = ?, last_hash = ?, touched_ms = ? WHERE id = ?')
      .run(event.seq, event.hash, nowMs, lane.id);
  }

  /** The sender no longer has what is before `push.since`: the lane goes on there. */
  skipTo(lane: { id: number }, push: Push): void {
    this.#lanes.forget(lane.id);
    this.#journal.prepare('DELETE FROM outbox_event WHERE lane_id = ?').run(lane.id);
    this.#journal
      .prepare(
        `UPDATE outbox_lane SET first_seq = ?, base_hash = ?, last_seq = ?, last_hash = ?
         WHERE id = ?`,
      )
      .run(push.since + 1, push.prevHash, push.since, push.prevHash, lane.id);
  }

  /** What the cloud holds of a lane; it may have gone back. Kept in memory until `saveDurable`. */
  setDurable(lane: { id: number }, durableSeq: number): void {
    if (this.#durable.get(lane.id) === durableSeq) return;
    this.#durable.set(lane.id, durableSeq);
    this.#listed = null;
  }

  /** Another node says that so much is durable. */
  raiseDurable(lane: LaneState, durableSeq: number): void {
    if (durableSeq > lane.durableSeq) this.setDurable(lane, durableSeq);
  }

  /** Writes down what is known to be durable. */
  saveDurable(): void {
    this.#lanes.forgetAll();
    this.#journal.transaction(() => {
      const save = this.#journal.prepare(
        'UPDATE outbox_lane SET durable_seq = ? WHERE id = ? AND durable_seq <> ?',
      );
      for (const [id, seq] of this.#durable) save.run(seq, id, seq);
    });
  }

  /** Forgets a lane's events after `seq`; others under these numbers are refused from now on. */
  closeAt(lane: LaneState, seq: number): void {
    this.#journal.transaction(() => this.#cutTo(lane, seq, true));
  }

  // -- rejects -----------------------------------------------------------------------------------

  reject(lane: { id: number }, reject: Reject): void {
    this.#rejecting.forget();
    this.#journal
      .prepare('INSERT OR IGNORE INTO outbox_reject VALUES (?, ?, ?, ?, ?, ?)')
      .run(lane.id, reject.seq, reject.eventId, reject.code, reject.message, this.#nowMs());
  }

  /** The rejected events with since < seq <= upTo. */
  rejects(lane: { id: number }, since: number, upTo: number): Reject[] {
    if (!this.#rejectingLanes().has(lane.id)) return [];
    return this.#journal
      .prepare<Reject>(
        `SELECT seq, event_id AS eventId, code, message FROM outbox_reject
         WHERE lane_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT 1000`,
      )
      .all(lane.id, since, upTo);
  }

  #rejectingLanes(): ReadonlySet<number> {
    return this.#rejecting.get('', () => {
      const sql = 'SELECT DISTINCT lane_id AS id FROM outbox_reject';
      const rows = this.#journal.prepare<{ id: number }>(sql).all();
      return new Set(rows.map(({ id }) => id));
    });
  }

  // -- retention ---------------------------------------------------------------------------------

  /** Forgets a lane's events up to `seq`; the chain's hash there is kept. */
  prune(lane: LaneState, seq: number): void {
    const last = Math.min(seq, lane.lastSeq);
    if (last < lane.firstSeq) return;
    const hash = this.hashAt(lane, last);
    if (hash === null) return;
    this.#forget(lane);
    this.#journal.transaction(() => {
      for (const table of ['outbox_event', 'outbox_reject']) {
        this.#journal
          .prepare(`DELETE FROM ${table} WHERE lane_id = ? AND seq <= ?`)
          .run(lane.id, last);
      }
      this.#journal
        .prepare('UPDATE outbox_lane SET first_seq = ?, base_hash = ? WHERE id = ?')
        .run(last + 1, hash, lane.id);
    });
  }

  /** The newest event of a lane up to `upTo` that was stored before `beforeMs`; 0 when none was. */
  newestBefore(lane: { id: number }, upTo: number, beforeMs: number): number {
    const row = this.#journal
      .prepare<{ seq: number | null }>(
        `SELECT max(seq) AS seq FROM outbox_event WHERE lane_id = ? AND seq <= ? AND at_ms < ?`,
      )
      .get(lane.id, upTo, beforeMs);
    return row?.seq ?? 0;
  }

  /** Forgets a lane that holds nothing, such as that of an incarnation long gone. */
  dropLane(lane: LaneState): void {
    this.#rejecting.forget();
    this.#lanes.forgetAll();
    this.#journal.transaction(() => {
      this.#journal.prepare('DELETE FROM outbox_event WHERE lane_id = ?').run(lane.id);
      this.#journal.prepare('DELETE FROM outbox_reject WHERE lane_id = ?').run(lane.id);
      this.#journal.prepare('DELETE FROM outbox_lane WHERE id = ?').run(lane.id);
    });
  }
}
