import type { ReplicaStore } from '@foyer/cloud-sync/engine';
import type { LiveValues } from '../live-gossip.ts';
import type { HouseView } from '../replica-view.ts';
import { dayNumberIn } from '../shows.ts';

/** The shows of a day in a large theatre. */
const maxShows = 200;

/** Tickets sold of today's shows; counted anew when the replica or the day changed. */
export class SoldToday {
  readonly #replica: Pick<ReplicaStore, 'version'>;
  readonly #view: Pick<HouseView, 'theatre' | 'shows' | 'ticketsByShow'>;
  #of = '';
  #sold: LiveValues[string] = {};

  constructor(
    replica: Pick<ReplicaStore, 'version'>,
    view: Pick<HouseView, 'theatre' | 'shows' | 'ticketsByShow'>,
  ) {
    this.#replica = replica;
    this.#view = view;
  }

  /** By show number as text. */
  count(nowMs: number): LiveValues[string] {
    const theatre = this.#view.theatre();
    if (theatre === null) return {};
    const day = dayNumberIn(theatre.timeZone);
    const today = day(nowMs);
    const of = `${today} ${this.#replica.version('house')} ${this.#replica.version('tickets')}`;
    if (of === this.#of) return this.#sold;
    const tickets = this.#view.ticketsByShow();
    const sold = this.#view.shows().flatMap(({ showNo, startsAtMs }) => {
      const count = tickets.get(String(showNo)) ?? 0;
      return count > 0 && day(startsAtMs) === today ? [[String(showNo), count] as const] : [];
    });
    this.#of = of;
    this.#sold = Object.fromEntries(sold.slice(0, maxShows));
    return this.#sold;
  }
}
