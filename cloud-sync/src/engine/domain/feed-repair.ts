import type { Compare, Compared, Digest, FeedName, FetchRange, RangeRows } from '@foyer/contracts';

import { digestOf, emptyDigest, sameDigest, type HashedRecord } from './rows.ts';

/** The replica, as repair uses it. */
export interface RepairTarget {
  position(): { epoch: string | null; cursor: number };
  groupDigests(): ReadonlyMap<string, Digest>;
  range(group: string, from: string, to: string): readonly HashedRecord[];
  /** Replaces the rows there by the message's; @returns how many changed. */
  replaceRange(rows: RangeRows): number;
}

export type RepairEffect =
  | { kind: 'send'; message: Compare | FetchRange }
  /** Every range that differed was replaced. */
  | { kind: 'repaired'; rows: number };

type Task =
  | { kind: 'groups' }
  | { kind: 'compare'; group: string; from: string; to: string }
  | { kind: 'fetch'; group: string; from: string; to: string };

/** A range with at most so many rows is fetched; a larger one is cut and compared first. */
const fetchedRows = 256;
const maxTasks = 10_000;
const patienceMs = 2000;
const maxTries = 5;

/**
 * Finds the rows that differ from the upstream's, by comparing digests of ever smaller ranges, and
 * fetches those only. It gives up when the feed moves on: the next comparison at a head begins
 * anew.
 */
export class FeedRepair {
  readonly #feed: FeedName;
  readonly #target: RepairTarget;
  readonly #maxBytes: number;
  readonly #epoch: string;
  readonly #at: number;
  readonly #tasks: Task[] = [{ kind: 'groups' }];
  #deadlineMs = 0;
  #tries = 0;
  #changed = 0;
  #over = false;

  /** @param maxBytes the largest payload that reaches this node */
  constructor(feed: FeedName, target: RepairTarget, maxBytes: number) {
    const { epoch, cursor } = target.position();
    this.#feed = feed;
    this.#target = target;
    this.#maxBytes = maxBytes;
    this.#epoch = epoch ?? '';
    this.#at = cursor;
  }

  get over(): boolean {
    return this.#over;
  }

  dueMs(): number {
    return this.#deadlineMs;
  }

  start(nowMs: number): RepairEffect[] {
    return this.#ask(nowMs);
  }

  onTime(nowMs: number): RepairEffect[] {
    if (this.#over || nowMs < this.#deadlineMs) return [];
    this.#tries += 1;
    if (this.#tries < maxTries && this.#current()) return this.#ask(nowMs);
    this.#over = true;
    return [];
  }

  onCompared(compared: Compared, nowMs: number): RepairEffect[] {
    const task = this.#tasks[0];
    if (!this.#fits(compared) || task === undefined || task.kind === 'fetch') return [];
    if (task.kind === 'groups') {
      if (compared.ranges.some((range) => range.from !== '' || range.to !== '')) return [];
      this.#tasks.shift();
      this.#compareGroups(compared);
    } else {
      const [first] = compared.ranges;
      const mine = compared.ranges.every((range) => range.group === task.group);
      const whole = first?.from === task.from && compared.ranges.at(-1)?.to === task.to;
      if (!mine || !whole) return [];
      this.#tasks.shift();
      this.#compareParts(compared);
    }
    return this.#ask(nowMs);
  }

  onRows(rows: RangeRows, nowMs: number): RepairEffect[] {
    const task = this.#tasks[0];
    if (!this.#fits(rows) || task?.kind !== 'fetch') return [];
    if (rows.group !== task.group || rows.from !== task.from) return [];
    this.#tasks.shift();
    this.#changed += this.#target.replaceRange(rows);
    if (rows.to !== task.to) this.#tasks.unshift({ ...task, from: rows.to });
    return this.#ask(nowMs);
  }

  #fits(message: { epoch: string; at: number }): boolean {
    return !this.#over && message.epoch === this.#epoch && message.at === this.#at;
  }

  #current(): boolean {
    const { epoch, cursor } = this.#target.position();
    return epoch === this.#epoch && cursor === this.#at;
  }

  #compareGroups(compared: Compared): void {
    const mine = new Map(this.#target.groupDigests());
    for (const { group, digest } of compared.ranges) {
      this.#examine(group, '', '', mine.get(group) ?? emptyDigest, digest);
      mine.delete(group);
    }
    for (const [group, digest] of mine) this.#examine(group, '', '', digest, emptyDigest);
  }

  #compareParts(compared: Compared): void {
    for (const { group, from, to, digest } of compared.ranges) {
      this.#examine(group, from, to, digestOf(this.#target.range(group, from, to)), digest);
    }
  }

  #examine(group: string, from: string, to: string, mine: Digest, theirs: Digest): void {
    if (sameDigest(mine, theirs) || this.#tasks.length >= maxTasks) return;
    const small = Math.max(mine.count, theirs.count) <= fetchedRows || theirs.count === 0;
    this.#tasks.push({ kind: small ? 'fetch' : 'compare', group, from, to });
  }

  #ask(nowMs: number): RepairEffect[] {
    const task = this.#tasks[0];
    if (task === undefined) {
      this.#over = true;
      return [{ kind: 'repaired', rows: this.#changed }];
    }
    if (!this.#current()) {
      this.#over = true;
      return [];
    }
    this.#deadlineMs = nowMs + patienceMs;
    const maxBytes = this.#maxBytes;
    const where = { feed: this.#feed, epoch: this.#epoch, at: this.#at, maxBytes };
    if (task.kind === 'groups') {
      return [{ kind: 'send', message: { type: 'compare', ...where, range: null } }];
    }
    const { group, from, to } = task;
    return task.kind === 'compare'
      ? [{ kind: 'send', message: { type: 'compare', ...where, range: { group, from, to } } }]
      : [{ kind: 'send', message: { type: 'fetch-range', ...where, group, from, to } }];
  }
}
