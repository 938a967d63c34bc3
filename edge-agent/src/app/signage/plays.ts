import type { EventStore, LaneState } from '@foyer/cloud-sync/engine';
import { FoyerError, type NodeId, type Play, type ScreenId } from '@foyer/contracts';
import type { Clock, Journal, Logger, Timer } from '@foyer/platform';
import { sha256Hex } from '@foyer/platform/node';
import type { MetaStore } from '../../adapters/journal/meta.ts';
import type { OpenPlay, PlayStore } from '../../adapters/signage/play-store.ts';
import { endOf, hasEnded, overdue } from '../../domain/plays.ts';
import { withRoom } from './with-room.ts';

/** Seals a chain of plays with the key of this node's certificate. */
export type SealPlays = (chain: { node: NodeId; seq: number; hash: string }) => {
  signature: string;
  certificate: string;
};

export interface PlaysDeps {
  node: NodeId;
  store: PlayStore;
  journal: Journal;
  meta: MetaStore;
  events: EventStore;
  clock: Clock;
  logger: Logger;
  /** Whether a screen is, or ever was, one of this box. */
  isOurs: (screenId: ScreenId) => boolean;
  /** Null where there is no key to seal with. */
  seal: SealPlays | null;
}

export interface PlaysTaken {
  kept: number;
  known: number;
  refused: number;
}

const unsealedName = 'plays-unsealed';
/** Plays that are sealed before their minute is over. */
const sealAtPlays = 100;
const tendEveryMs = 60_000;
/** More open at once than any box has screens: their ends were lost. */
const maxOpen = 1000;
/** Ends that are given up in one transaction. */
const cutAtOnce = 200;

/**
 * The event of a play's end has the play's own id, so that it counts once however often it is told,
 * in the cloud too. The event that it was cut has one that follows from it: an end that comes after
 * all is another event, and the better one.
 */
function cutIdOf(playId: string): string {
  const hex = sha256Hex(`cut ${playId}`);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** The durable record of what was played: a start waits for its end, an end becomes an event. */
export class Plays {
  readonly #deps: PlaysDeps;
  #timer: Timer | null = null;

  constructor(deps: PlaysDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = this.#deps.clock.setTimer('plays-tend', tendEveryMs, () => {
      this.start();
      // Most boxes show nothing.
      if (this.#deps.store.count() === 0 && this.#unsealed() === 0) return;
      withRoom('plays', this.#deps.logger, () => {
        this.#cutOverdue();
        this.#deps.journal.transaction(() => this.#seal());
      });
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** The events have other numbers now, and the seals of before fit no more: one more is due. */
  sealAgain(): void {
    if (this.#lane() === undefined) return;
    this.#deps.meta.put(unsealedName, Math.max(1, this.#unsealed()));
  }

  /**
   * Keeps starts and ends in one commit. Those of screens that are none of this box's are refused.
   * Throws FoyerError `not-found` where no play is of a screen of this box, `disk-full`.
   */
  take(plays: readonly Play[]): PlaysTaken {
    const { isOurs, logger, journal } = this.#deps;
    const ours = plays.filter(({ screenId }) => isOurs(screenId));
    const refused = plays.length - ours.length;
    if (ours.length === 0) {
      throw new FoyerError('not-found', `${plays[0]?.screenId ?? ''} is no screen of this box.`, {
        whatToDo: 'Give the screen to this box, or play on the box that it is given to.',
      });
    }
    if (refused > 0) logger.warn('plays-refused', { refused });
    // Ends first: the start of the next play must not find this one open.
    const inOrder = [...ours.filter(hasEnded), ...ours.filter((play) => !hasEnded(play))];
    const kept = journal.transaction(() => {
      const taken = inOrder.filter((play) => this.#takeOne(play)).length;
      this.#bound();
      if (this.#unsealed() >= sealAtPlays) this.#seal();
      return taken;
    });
    return { kept, known: ours.length - kept, refused };
  }

  #takeOne(play: Play): boolean {
    const { store, events, clock } = this.#deps;
    const { playId } = play;
    if (events.has(playId)) return false;
    if (!hasEnded(play)) {
      return !events.has(cutIdOf(playId)) && store.open({ play, openedMs: clock.nowMs() });
    }
    store.close(playId);
    this.#append(endOf(play), playId);
    return true;
  }

  #append(play: Play, eventId: string): void {
    const { events, node, clock, meta } = this.#deps;
    const atMs = Math.round(clock.nowMs());
    events.append({ ...play, kind: 'play', gate: node, atMs }, eventId);
    meta.put(unsealedName, this.#unsealed() + 1);
  }

  #cut({ play }: OpenPlay): void {
    this.#deps.store.close(play.playId);
    this.#append({ ...play, endedAtMs: null, outcome: 'cut' }, cutIdOf(play.playId));
  }

  #bound(): void {
    const excess = this.#deps.store.count() - maxOpen;
    if (excess > 0) for (const open of this.#deps.store.oldest(excess)) this.#cut(open);
  }

  #cutOverdue(): void {
    const { journal, store, clock } = this.#deps;
    journal.transaction(() => {
      const nowMs = clock.nowMs();
      const open = store.oldest(maxOpen);
      for (const one of overdue(open, nowMs).slice(0, cutAtOnce)) this.#cut(one);
    });
  }

  #lane(): LaneState | undefined {
    const { events, node } = this.#deps;
    return events.lane({ node, incarnation: events.incarnation(), lane: 'bulk' });
  }

  #unsealed(): number {
    return this.#deps.meta.number(unsealedName) ?? 0;
  }

  /** Signs what the lane holds up to now. Belongs into the caller's transaction. */
  #seal(): void {
    const { seal, events, node, clock, meta, logger } = this.#deps;
    const plays = this.#unsealed();
    if (seal === null || plays === 0) return;
    const lane = this.#lane();
    if (lane === undefined) return;
    const { lastSeq: seq, lastHash: hash } = lane;
    let proof: ReturnType<SealPlays>;
    try {
      proof = seal({ node, seq, hash });
    } catch (error) {
      logger.error('plays-not-sealed', { reason: String(error) });
      return;
    }
    const atMs = Math.round(clock.nowMs());
    events.append({ kind: 'play-seal', seq, hash, plays, ...proof, gate: node, atMs });
    meta.put(unsealedName, 0);
  }
}
