import type { Chunk, Digest, FeedName, Hint, Pull, Snapshot } from '@foyer/contracts';
import { backoffMs, type Backoff, type Random } from '@foyer/platform';

import { sameDigest } from './rows.ts';

/** A hint of less than this replica has makes it ask so much later, at most that often. */
const behindHintMs = 2000;
/** The upstream is asked in the place of others so often, at most. */
const askForOthersMs = 30_000;

/** Where the replica stands, read afresh for each decision. */
export interface PullPosition {
  epoch: string | null;
  cursor: number;
  mark: string | null;
  digest: Digest;
  /** False while its digest cannot be compared. */
  settled: boolean;
  /** The snapshot that is being fetched. */
  build: { epoch: string; head: number; after: string } | null;
}

/** The replica, as pulling uses it: each call is one transaction, and answers what changed. */
export interface PullTarget {
  position(): PullPosition;
  /** `ageMs`: see `inStepMs`; null too where the chunk does not reach the head. */
  applyChunk(chunk: Chunk, ageMs: Chunk['ageMs']): void;
  /** @returns true when the generations swapped. */
  applyPage(page: Snapshot): boolean;
  /** The upstream was heard, and holds nothing newer; its own age as in `inStepMs`. */
  upToDate(ageMs: Chunk['ageMs']): void;
  /** Polls alone would have left younger data: the upstream was out of step when it last told. */
  isOutOfStep(): boolean;
}

export interface PullOptions {
  feed: FeedName;
  random: Random;
  target: PullTarget;
  /** The largest payload that the link carries. */
  maxBytes: number;
  backoff: Backoff;
  /** How long an unlucky pull is waited for at first, milliseconds. */
  patienceMs: number;
  /** How often a receiver that heard no hint asks all the same, milliseconds. */
  pollMs: number;
  /** The same where it asked several times in vain. */
  quietPollMs: number;
}

export type PullEffect =
  | { kind: 'send'; message: Pull }
  /** Rows were applied: others may be told. `swapped`: a snapshot came into service. */
  | { kind: 'applied'; swapped: boolean; newEpoch: boolean }
  /** At the head, and the digests differ. */
  | { kind: 'differs' }
  /** At the head, and the digests agree. */
  | { kind: 'agrees' };

/** Chunks that the receiver takes for one pull; also how many may wait for an earlier one. */
const credits = 8;

interface Outstanding {
  left: number;
  received: number;
  deadlineMs: number;
}

type Buffered = Chunk | Snapshot;

/** Identifies what a buffered message follows. */
function follows(message: Buffered): string {
  return message.type === 'chunk'
    ? `c ${message.epoch} ${message.since}`
    : `s ${message.epoch} ${message.head} ${message.after}`;
}

/**
 * Pulls one feed from one upstream: asks, puts in order what arrives in any order, asks again for
 * what was lost. It keeps nothing that matters: the replica's position is all there is to resume.
 */
export class FeedPull {
  readonly #options: PullOptions;
  readonly #buffer = new Map<string, Buffered>();
  #outstanding: Outstanding | null = null;
  #failures = 0;
  /** Answers without news, one after the other. */
  #vain = 0;
  #dueMs: number;
  #head = 0;
  #askForOthersFromMs = 0;
  /** A hint told of this while an answer was awaited. */
  #hinted = 0;

  constructor(options: PullOptions, nowMs: number) {
    this.#options = options;
    this.#dueMs = nowMs;
  }

  /** The newest head that the upstream named. */
  get head(): number {
    return this.#head;
  }

  /** When `onTime` wants to be called, monotonic milliseconds. */
  dueMs(): number {
    return this.#outstanding?.deadlineMs ?? this.#dueMs;
  }

  /** Asks at once, unless an answer is awaited. */
  poke(nowMs: number): PullEffect[] {
    if (this.#outstanding !== null) return this.#retry(nowMs);
    this.#dueMs = nowMs;
    return this.onTime(nowMs);
  }

  /** The upstream has more than this node, or had a moment ago: it is asked soon. */
  hasten(nowMs: number): void {
    if (this.#outstanding === null) this.#dueMs = Math.min(this.#dueMs, nowMs + behindHintMs);
  }

  /**
   * Another node has more of this epoch than this one, which is at rest. Either the upstream has
   * more, too, or it was set back, forgot that, and begins another epoch when it is told: nobody
   * else would tell it.
   */
  askFor(other: Pick<Pull, 'epoch' | 'since' | 'mark'>, nowMs: number): PullEffect[] {
    const { epoch, cursor, build } = this.#options.target.position();
    const ahead = other.epoch === epoch && other.since > cursor && build === null;
    if (!ahead || this.#outstanding !== null || nowMs < this.#askForOthersFromMs) return [];
    this.#askForOthersFromMs = nowMs + askForOthersMs;
    return [this.#ask(nowMs, other)];
  }

  onTime(nowMs: number): PullEffect[] {
    if (nowMs < this.dueMs()) return [];
    if (this.#outstanding !== null) {
      // What arrived too early cannot be joined: an answer's chunks are cut anew each time.
      this.#buffer.clear();
      this.#failures += this.#outstanding.received === 0 ? 1 : 0;
    }
    return [this.#ask(nowMs)];
  }

  onHint(hint: Hint, nowMs: number): PullEffect[] {
    const { epoch, cursor, digest, settled } = this.#options.target.position();
    const same = epoch === hint.epoch;
    if (same && hint.head < cursor) {
      // Late, or the source was set back: the mark that a pull carries will tell.
      if (this.#outstanding === null) this.#dueMs = Math.min(this.#dueMs, nowMs + behindHintMs);
      return [];
    }
    this.#head = hint.head;
    this.#hinted = same ? hint.head : Number.POSITIVE_INFINITY;
    if (same && hint.head === cursor) {
      const comparable = settled && hint.digest !== undefined;
      const agrees = !comparable || sameDigest(digest, hint.digest ?? digest);
      if (agrees && !this.#options.target.isOutOfStep()) return [];
    }
    return this.poke(nowMs);
  }

  onChunk(chunk: Chunk, nowMs: number): PullEffect[] {
    const { epoch, cursor } = this.#options.target.position();
    if (epoch !== null && chunk.epoch !== epoch) return [];
    const moves = chunk.next > chunk.since || chunk.next >= chunk.head;
    if (chunk.since < cursor || chunk.next < chunk.since || !moves) return [];
    return this.#take(chunk, nowMs);
  }

  onSnapshot(page: Snapshot, nowMs: number): PullEffect[] {
    const { build } = this.#options.target.position();
    const continues = build !== null && build.epoch === page.epoch && build.head === page.head;
    if (continues && page.after === '') return [];
    // A first page that nobody awaits is an old one, repeated by the network.
    if (!continues && (page.after !== '' || this.#outstanding?.received !== 0)) return [];
    return this.#take(page, nowMs);
  }

  #take(message: Buffered, nowMs: number): PullEffect[] {
    const name = follows(message);
    if (this.#buffer.has(name) || this.#buffer.size >= 2 * credits) return [];
    this.#buffer.set(name, message);
    this.#progress(nowMs);
    const effects: PullEffect[] = [];
    let last: Buffered | null = null;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#buffer.delete(follows(next));
      effects.push(...this.#apply(next));
      last = next;
    }
    if (last !== null) this.#failures = 0;
    if (last?.type === 'chunk' && last.next >= Math.max(last.head, this.#hinted)) {
      this.#rest(
        nowMs,
        effects.some(({ kind }) => kind === 'applied' || kind === 'differs'),
      );
      return effects;
    }
    const ended =
      last !== null && (last.type === 'chunk' ? last.next >= last.head : swapped(effects));
    if (this.#outstanding === null) return effects;
    if (this.#outstanding.left > 0 && !ended) return effects;
    return [...effects, this.#ask(nowMs)];
  }

  /** The buffered message that follows the replica's position. */
  #next(): Buffered | undefined {
    const { epoch, cursor, build } = this.#options.target.position();
    for (const message of this.#buffer.values()) {
      if (message.type === 'chunk') {
        const fits = message.epoch === epoch || (epoch === null && message.since === 0);
        if (fits && message.since === cursor) return message;
      } else if (message.after === '') {
        return message;
      } else if (
        build?.epoch === message.epoch &&
        build.head === message.head &&
        build.after === message.after
      ) {
        return message;
      }
    }
    return undefined;
  }

  #apply(message: Buffered): PullEffect[] {
    const { target } = this.#options;
    const before = target.position();
    this.#head = message.head;
    if (message.type === 'snapshot') {
      const swapped = target.applyPage(message);
      if (!swapped) return [];
      this.#buffer.clear();
      const newEpoch = before.epoch !== null && before.epoch !== message.epoch;
      return [{ kind: 'applied', swapped: true, newEpoch }];
    }
    const empty = message.next === before.cursor && before.epoch === message.epoch;
    const atHead = message.next >= message.head;
    // What nobody awaits is late, and tells nothing of now unless it says how late.
    const dated = message.askedMs !== undefined || this.#outstanding !== null;
    const ageMs = atHead && dated ? message.ageMs : null;
    if (!empty) target.applyChunk(message, ageMs);
    const effects: PullEffect[] = [];
    if (!empty) effects.push({ kind: 'applied', swapped: false, newEpoch: false });
    if (!atHead) return effects;
    const { digest, settled } = target.position();
    const comparable = settled && message.digest !== undefined;
    const agrees = !comparable || sameDigest(digest, message.digest ?? digest);
    if (empty && agrees) target.upToDate(ageMs);
    return comparable ? [...effects, { kind: agrees ? 'agrees' : 'differs' }] : effects;
  }

  /**
   * The upstream speaks: what it did not answer while it was away need not be waited for longer.
   */
  #retry(nowMs: number): PullEffect[] {
    if (this.#failures === 0 || this.#outstanding?.received !== 0) return [];
    this.#failures = 0;
    return [this.#ask(nowMs)];
  }

  #progress(nowMs: number): void {
    if (this.#outstanding === null) return;
    this.#outstanding.left -= 1;
    this.#outstanding.received += 1;
    this.#outstanding.deadlineMs = nowMs + this.#patienceMs();
  }

  #patienceMs(): number {
    return Math.min(30_000, this.#options.patienceMs * 2 ** Math.min(this.#failures, 10));
  }

  #rest(nowMs: number, news: boolean): void {
    this.#outstanding = null;
    this.#buffer.clear();
    const { pollMs, quietPollMs, random } = this.#options;
    this.#vain = news ? 0 : this.#vain + 1;
    const atMostMs = Math.max(pollMs, quietPollMs);
    const everyMs = Math.min(atMostMs, pollMs * 2 ** Math.min(this.#vain, 10));
    this.#dueMs = nowMs + everyMs * (0.5 + random.float());
  }

  #ask(nowMs: number, other?: Pick<Pull, 'since' | 'mark'>): PullEffect {
    const { feed, maxBytes, target, random, backoff } = this.#options;
    const position = target.position();
    const { build } = position;
    const jitterMs = this.#failures === 0 ? 0 : backoffMs(this.#failures, backoff, random);
    const deadlineMs = nowMs + this.#patienceMs() + jitterMs;
    this.#outstanding = { left: credits, received: 0, deadlineMs };
    this.#hinted = 0;
    const message: Pull = {
      type: 'pull',
      feed,
      epoch: build?.epoch ?? position.epoch,
      since: other?.since ?? position.cursor,
      mark: other === undefined ? position.mark : other.mark,
      credits,
      maxBytes,
      accept: ['json', 'br'],
      snapshot: build === null ? null : { head: build.head, after: build.after },
    };
    return { kind: 'send', message };
  }
}

function swapped(effects: readonly PullEffect[]): boolean {
  return effects.some((effect) => effect.kind === 'applied' && effect.swapped);
}
