import type { Clock } from '@foyer/platform';
import type { LocalShow } from '../adapters/http/local-api.ts';
import { doorsOf } from '../domain/admission/messages.ts';
import type { AdmissionCounts } from '../domain/admission/ports.ts';
import type { HouseView } from './replica-view.ts';

/** A show after midnight belongs to the evening before. */
const dayTurnsMs = 5 * 3_600_000;

let dayFormat: { timeZone: string; format: Intl.DateTimeFormat } | null = null;

function newFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  } catch {
    // A zone that this runtime does not know must not stop a node.
    return new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC', dateStyle: 'short' });
  }
}

// Making a format reads tables of the whole world's calendars: tens of milliseconds.
function dayIn(timeZone: string): (atMs: number) => string {
  if (dayFormat?.timeZone !== timeZone) dayFormat = { timeZone, format: newFormat(timeZone) };
  const { format } = dayFormat;
  return (atMs) => format.format(atMs - dayTurnsMs);
}

/** The number of the local day that a moment belongs to; a day ends at five in the morning. */
export function dayNumberIn(timeZone: string): (atMs: number) => number {
  const day = dayIn(timeZone);
  return (atMs) => Math.round(Date.parse(day(atMs)) / 86_400_000);
}

/** Whether any show lets people in now. */
export function areDoorsOpen(view: Pick<HouseView, 'shows' | 'theatre'>, nowMs: number): boolean {
  const theatre = view.theatre();
  if (theatre === null) return false;
  return view.shows().some((show) => {
    const { openMs, closeMs } = doorsOf(show, theatre);
    return openMs <= nowMs && nowMs < closeMs;
  });
}

/** Today's shows by start, with what is sold and who is in. A day ends at five in the morning. */
export function showsOfToday(
  view: HouseView,
  counts: Pick<AdmissionCounts, 'byShow'>,
  clock: Clock,
): LocalShow[] {
  const day = dayIn(view.theatre()?.timeZone ?? 'UTC');
  const today = day(clock.nowMs());
  const tickets = view.ticketsByShow();
  return view
    .shows()
    .filter((show) => day(show.startsAtMs) === today)
    .sort((one, other) => one.startsAtMs - other.startsAtMs || one.showNo - other.showNo)
    .map((show) => ({
      ...show,
      film: view.film(show.filmId),
      auditoriumName: view.auditorium(show.auditorium)?.name ?? show.auditorium,
      tickets: tickets.get(String(show.showNo)) ?? 0,
      admitted: counts.byShow.get(show.showNo) ?? 0,
    }));
}
