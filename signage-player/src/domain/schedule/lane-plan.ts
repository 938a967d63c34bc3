import { copyOf, firstState, takeTurn } from './engine.ts';
import type { Account, Lane, LaneState, Turn } from './engine.ts';
import type { Seat } from './segments.ts';

/** Campaign and item by their places; -1: nothing may be on. Times in UTC ms. */
export type VisitTurn = (startMs: number, endMs: number, campaign: number, item: number) => void;

const firstCapacity = 512;
const keepEvery = 32;

/**
 * The turns of one lane on one day, worked out as far as anybody has asked. Only numbers are kept,
 * 13 bytes a turn, and now and then the state, so that a turn can be explained afterwards.
 */
export class LanePlan {
  readonly lane: Lane;
  readonly priority: number | null;
  readonly #state: LaneState;
  readonly #kept: LaneState[] = [];
  #count = 0;
  #startMs = new Float64Array(firstCapacity);
  #segment = new Int16Array(firstCapacity);
  #seat = new Int16Array(firstCapacity);
  #place = new Int8Array(firstCapacity);
  /** Where the last explanation stopped: the next one is most often of the turn after it. */
  #reader: { next: number; state: LaneState } | null = null;
  readonly #dayStartMs: number;

  /** @param priority of a lane of its own; null for the lane below all others. */
  constructor(lane: Lane, priority: number | null, dayStartMs: number) {
    this.lane = lane;
    this.priority = priority;
    this.#dayStartMs = dayStartMs;
    this.#state = firstState(lane, dayStartMs);
  }

  /** The number of the turn at a moment of the day. */
  turnAt(atMs: number): number {
    while (this.#state.atMs <= atMs) this.#add();
    let [low, high] = [0, this.#count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#startMs[middle] ?? 0) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * A turn by its number; one that was not reached yet is worked out. Null: after the day's end.
   */
  turn(no: number): Turn | null {
    if (no < 0) return null;
    while (this.#count <= no && this.#state.atMs < this.lane.dayEndMs) this.#add();
    if (no >= this.#count) return null;
    const segment = this.#segment[no] ?? 0;
    return {
      startMs: this.#startMs[no] ?? 0,
      endMs: no + 1 < this.#count ? (this.#startMs[no + 1] ?? 0) : this.#state.atMs,
      segment,
      seat: this.#seatOf(segment, this.#seat[no] ?? -1),
      place: this.#place[no] ?? -1,
    };
  }

  /** Every turn that touches [fromMs, toMs), in order, without making an object for each. */
  each(fromMs: number, toMs: number, visit: VisitTurn): void {
    for (let no = this.turnAt(fromMs); ; no += 1) {
      const startMs = this.#startMs[no] ?? 0;
      while (no + 1 >= this.#count && this.#state.atMs < this.lane.dayEndMs) this.#add();
      const endMs = no + 1 < this.#count ? (this.#startMs[no + 1] ?? 0) : this.#state.atMs;
      const seat = this.#seat[no] ?? -1;
      visit(startMs, endMs, seat, this.#place[no] ?? -1);
      if (endMs >= toMs || endMs >= this.lane.dayEndMs) return;
    }
  }

  /** What a turn was chosen from, and the state at its beginning. */
  accountOf(no: number): Account & { state: LaneState } {
    const reader = this.#readerAt(no);
    const account: Account = { contenders: [], refused: [] };
    const state = copyOf(reader.state);
    takeTurn(this.lane, reader.state, account);
    reader.next = no + 1;
    return { ...account, state };
  }

  #readerAt(no: number): { next: number; state: LaneState } {
    let reader = this.#reader;
    if (reader === null || reader.next > no || no - reader.next > keepEvery) {
      const kept = Math.floor(no / keepEvery);
      const state = this.#kept[kept] ?? firstState(this.lane, this.#dayStartMs);
      reader = {
        next: this.#kept[kept] === undefined ? 0 : kept * keepEvery,
        state: copyOf(state),
      };
      this.#reader = reader;
    }
    for (; reader.next < no; reader.next += 1) takeTurn(this.lane, reader.state);
    return reader;
  }

  #seatOf(segment: number, no: number): Seat | null {
    if (no < 0) return null;
    for (const { seats } of this.lane.segments[segment]?.tiers ?? []) {
      const seat = seats.find((each) => each.no === no);
      if (seat !== undefined) return seat;
    }
    return null;
  }

  #add(): void {
    if (this.#count % keepEvery === 0) this.#kept.push(copyOf(this.#state));
    if (this.#count === this.#startMs.length) this.#grow();
    const turn = takeTurn(this.lane, this.#state);
    this.#startMs[this.#count] = turn.startMs;
    this.#segment[this.#count] = turn.segment;
    this.#seat[this.#count] = turn.seat?.no ?? -1;
    this.#place[this.#count] = turn.place;
    this.#count += 1;
  }

  #grow(): void {
    const capacity = this.#startMs.length * 2;
    const larger = <T extends { set(from: T): void }>(made: T, from: T): T => {
      made.set(from);
      return made;
    };
    this.#startMs = larger(new Float64Array(capacity), this.#startMs);
    this.#segment = larger(new Int16Array(capacity), this.#segment);
    this.#seat = larger(new Int16Array(capacity), this.#seat);
    this.#place = larger(new Int8Array(capacity), this.#place);
  }
}
