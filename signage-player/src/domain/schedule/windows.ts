import type { Campaign, Item, LiveView } from '@foyer/contracts';

import { calendarIntervals, legalIntervals } from './calendar.ts';
import { showsAround } from './house.ts';
import type { Index } from './house.ts';
import { joined, overlapOf, without } from './intervals.ts';
import type { Interval } from './intervals.ts';
import { windowOf } from './shows.ts';
import type { Show } from './shows.ts';
import type { Stretch } from './zone.ts';

/** One day of one kind of screen, as far as time decides what may be on. */
export interface DayFrame {
  readonly index: Index;
  /** Of the screens; null where they stand at none. */
  readonly auditorium: string | null;
  readonly delays: LiveView['delays'];
  readonly day: Interval;
  /** The day, cut where the zone's offset changes. */
  readonly stretches: readonly Stretch[];
}

type ShowWindow = NonNullable<Campaign['shows']>;

/** A stretch in which a show counts, and the age that its film asks for; null: unknown. */
interface About extends Interval {
  readonly minAge: number | null;
}

const untilDoorsClose: Pick<ShowWindow, 'from' | 'to'> = {
  from: { of: 'doors-open', offsetMin: 0 },
  to: { of: 'doors-close', offsetMin: 0 },
};

/**
 * A show's window: until a delay was told in the house the show's own counts, from then on that.
 */
function windowsOf(frame: DayFrame, show: Show, window: Pick<ShowWindow, 'from' | 'to'>): About[] {
  const { index, delays, day } = frame;
  const told = delays.find(({ showNo }) => showNo === show.showNo);
  const toldMs = told?.atMs ?? day.toMs;
  const before = windowOf(index, show, show.delayMin, window);
  const after = told === undefined ? null : windowOf(index, show, told.delayMin, window);
  const minAge = index.films.get(show.filmId)?.minAge ?? null;
  const parts: About[] = [];
  if (before !== null) parts.push({ ...before, toMs: Math.min(before.toMs, toldMs), minAge });
  if (after !== null) parts.push({ ...after, fromMs: Math.max(after.fromMs, toldMs), minAge });
  return parts.filter(({ fromMs, toMs }) => {
    return fromMs < toMs && fromMs < day.toMs && toMs > day.fromMs;
  });
}

/** The shows that a campaign's window is relative to, on screens of this place. */
export function showsOf(frame: DayFrame, { auditoriums, films }: ShowWindow): Show[] {
  const halls =
    auditoriums.length === 0 && frame.auditorium !== null ? [frame.auditorium] : auditoriums;
  return showsAround(frame.index, frame.day.fromMs, frame.day.toMs).filter(
    (show) =>
      (halls.length === 0 || halls.includes(show.auditorium)) &&
      (films.length === 0 || films.includes(show.filmId)),
  );
}

/**
 * Moments of the day at which a delay was told that a window had already begun without. What was on
 * before may have been planned with an earlier delay that nobody remembers.
 */
export function doubtsOf(frame: DayFrame, shows: ShowWindow): number[] {
  const { delays, day, index } = frame;
  if (delays.length === 0) return [];
  return showsOf(frame, shows).flatMap((show) => {
    const told = delays.find(({ showNo }) => showNo === show.showNo);
    if (told === undefined || told.atMs <= day.fromMs || told.atMs >= day.toMs) return [];
    const begun = (windowOf(index, show, 0, shows)?.fromMs ?? day.toMs) < told.atMs;
    return begun ? [told.atMs] : [];
  });
}

/** When a campaign's dates, dayparts and shows let it be on. */
export function campaignIntervals(frame: DayFrame, campaign: Campaign): Interval[] {
  const calendar = calendarIntervals(campaign, frame.stretches);
  const { shows } = campaign;
  if (shows === null) return calendar;
  const windows = showsOf(frame, shows).flatMap((show) => windowsOf(frame, show, shows));
  return overlapOf(calendar, joined(windows));
}

/**
 * Films whose guests an item meets: those of the campaign's own windows, and of every show with
 * open doors, at the screen's auditorium or, for a screen of the whole house, in all of it.
 */
export function filmsAbout(frame: DayFrame, campaign: Campaign): About[] {
  const { auditorium } = frame;
  const near = showsAround(frame.index, frame.day.fromMs, frame.day.toMs)
    .filter((show) => auditorium === null || show.auditorium === auditorium)
    .flatMap((show) => windowsOf(frame, show, untilDoorsClose));
  const { shows } = campaign;
  if (shows === null) return near;
  return [...near, ...showsOf(frame, shows).flatMap((show) => windowsOf(frame, show, shows))];
}

/** When films are about and every one of them asks for at least this age. */
export function ratedIntervals(about: readonly About[], minAge: number): Interval[] {
  const younger = about.filter((film) => film.minAge === null || film.minAge < minAge);
  return without(joined(about), joined(younger));
}

/** When one of a campaign's items may be on: the campaign's time, film ratings, legal hours. */
export function itemIntervals(
  frame: DayFrame,
  campaign: Campaign,
  item: Item,
  campaignTime: readonly Interval[],
): readonly Interval[] {
  let time = campaignTime;
  if (item.minAge > 0) {
    time = overlapOf(time, ratedIntervals(filmsAbout(frame, campaign), item.minAge));
  }
  if (item.legalHours !== null) {
    time = overlapOf(time, legalIntervals(item.legalHours, frame.stretches));
  }
  return time;
}
