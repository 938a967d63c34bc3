import type { Clock } from '@foyer/platform';
import type { LiveValues } from '../live-gossip.ts';
import type { HouseView } from '../replica-view.ts';
import { dayNumberIn } from '../shows.ts';

/** The shows of a day in a large theatre. */
const maxShows = 200;

/** Tickets sold of today's shows, by show number as text. */
export function soldToday(view: HouseView, clock: Clock): LiveValues[string] {
  const theatre = view.theatre();
  if (theatre === null) return {};
  const day = dayNumberIn(theatre.timeZone);
  const today = day(clock.nowMs());
  const tickets = view.ticketsByShow();
  const sold: Record<string, number> = {};
  for (const { showNo, startsAtMs } of view.shows()) {
    const count = tickets.get(String(showNo)) ?? 0;
    if (count > 0 && day(startsAtMs) === today) sold[String(showNo)] = count;
    if (Object.keys(sold).length >= maxShows) break;
  }
  return sold;
}
