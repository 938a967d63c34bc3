import {
  FoyerError,
  type FeedRow,
  type LiveState,
  type NodeId,
  type ShowNo,
} from '@foyer/contracts';
import type { Clock, Journal, Logger } from '@foyer/platform';
import type { DelayStore, ToldDelay } from '../../adapters/signage/delay-store.ts';
import { delayTopic, latestDelays } from '../../domain/live-view.ts';
import type { LiveValues } from '../live-gossip.ts';
import { withRoom } from './with-room.ts';

export interface DelaysDeps {
  store: DelayStore;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  show: (showNo: ShowNo) => FeedRow<'show'> | null;
  states: () => readonly LiveState[];
  isMember: (node: NodeId) => boolean;
}

/** Told at one node; the shows of a day in a large theatre. */
const maxDelays = 16;
/** A delay is of no use so long after its show began. */
const keptMs = 86_400_000;

/** Delays that staff told at this node, kept for their day. */
export class Delays {
  readonly #deps: DelaysDeps;
  #told: ToldDelay[];

  constructor(deps: DelaysDeps) {
    this.#deps = deps;
    this.#told = deps.store.all();
    this.tend();
  }

  /** Throws FoyerError `not-found` for a show that the replica does not know, `disk-full`. */
  tell({ showNo, delayMin }: Omit<ToldDelay, 'atMs'>): { atMs: number } {
    const { clock, states, isMember, show } = this.#deps;
    if (show(showNo) === null) {
      throw new FoyerError('not-found', `This node knows no show ${showNo}.`, {
        whatToDo: 'Take a number of GET /v1/shows.',
      });
    }
    const latest = latestDelays(states(), isMember).find((known) => known.showNo === showNo);
    const atMs = Math.max(Math.round(clock.nowMs()), (latest?.atMs ?? -1) + 1);
    const told = { showNo, delayMin, atMs };
    const others = this.#told.filter((each) => each.showNo !== showNo);
    this.#keep([...others, told]);
    return { atMs };
  }

  values(): LiveValues {
    return Object.fromEntries(
      this.#told.map(({ showNo, delayMin, atMs }) => {
        return [`${delayTopic}${showNo}`, { delayMin, atMs }] as const;
      }),
    );
  }

  /** Forgets those of days past. */
  tend(): void {
    const nowMs = this.#deps.clock.nowMs();
    const kept = this.#told.filter(({ showNo, atMs }) => {
      const startsAtMs = this.#deps.show(showNo)?.startsAtMs ?? atMs;
      return nowMs - Math.max(startsAtMs, atMs) < keptMs;
    });
    if (kept.length === this.#told.length) return;
    withRoom('delays', this.#deps.logger, () => this.#keep(kept));
  }

  #keep(wanted: readonly ToldDelay[]): void {
    const { journal, store } = this.#deps;
    const told = wanted.slice(-maxDelays);
    journal.transaction(() => {
      for (const before of this.#told) if (!told.includes(before)) store.remove(before.showNo);
      for (const each of told) if (!this.#told.includes(each)) store.put(each);
    });
    this.#told = told;
  }
}
