import type { DoorPhase, DoorState, LiveView, Programme } from '@foyer/contracts';

import { indexOf, showsAround } from './house.ts';
import { delayMinOf, minuteMs, momentMs } from './shows.ts';
import type { Film, Show } from './shows.ts';
import { clockText } from './zone.ts';

/** The moments between which a door's phases lie, UTC ms, delay included. */
interface Course {
  readonly show: Show;
  readonly delayMin: number;
  readonly doorsOpenMs: number;
  readonly startMs: number;
  readonly lastCallMs: number;
  readonly featureMs: number;
  readonly endMs: number;
  readonly cleanMs: number;
}

function courseOf(programme: Programme, show: Show, live: LiveView): Course {
  const house = indexOf(programme);
  const delayMin = delayMinOf(show, live.delays);
  const at = (of: 'doors-open' | 'start' | 'feature' | 'end'): number | null =>
    momentMs(house, show, delayMin, of);
  const featureMs = at('feature') ?? show.startsAtMs;
  const endMs = at('end') ?? featureMs;
  return {
    show,
    delayMin,
    doorsOpenMs: at('doors-open') ?? show.startsAtMs,
    startMs: at('start') ?? show.startsAtMs,
    lastCallMs: featureMs - programme.signage.lastCallBeforeFeatureMin * minuteMs,
    featureMs,
    endMs,
    cleanMs: endMs + programme.signage.cleaningMin * minuteMs,
  };
}

// A door says nothing of the day after.
const horizonMs = 18 * 60 * minuteMs;

/**
 * The show that a door stands for: the last one whose doors have opened, until its hall is clean
 * again or the next one's doors open; else the next one.
 */
export function courseAt(
  programme: Programme,
  auditorium: string,
  live: LiveView,
  nowMs: number,
): Course | null {
  const courses = showsAround(indexOf(programme), nowMs, nowMs)
    .filter((show) => show.auditorium === auditorium)
    .map((show) => courseOf(programme, show, live))
    .filter(({ cleanMs, startMs }) => cleanMs > nowMs && startMs <= nowMs + horizonMs)
    .toSorted((a, b) => a.startMs - b.startMs);
  return courses.findLast(({ doorsOpenMs }) => doorsOpenMs <= nowMs) ?? courses[0] ?? null;
}

/** Every moment at which the show at a door may change because of this one, UTC ms. */
export function doorEdgesMs(programme: Programme, show: Show, live: LiveView): number[] {
  const { startMs, doorsOpenMs, cleanMs } = courseOf(programme, show, live);
  return [startMs - horizonMs, doorsOpenMs, cleanMs];
}

// Halfway between the doors and the start people stop waiting and sit down.
const seatingShare = 0.5;

function phaseOf(course: Course, nowMs: number): DoorPhase {
  const seatingMs = course.doorsOpenMs + (course.startMs - course.doorsOpenMs) * (1 - seatingShare);
  if (nowMs >= course.endMs) return 'cleaning';
  if (nowMs >= course.featureMs) return 'running';
  if (nowMs >= course.lastCallMs) return 'last-call';
  if (nowMs >= seatingMs) return 'now-seating';
  return nowMs >= course.doorsOpenMs ? 'doors-open' : 'next';
}

function textOf(phase: DoorPhase, { delayMin }: Course, doorsOpenAt: string): string {
  const late = `Running ${delayMin} ${delayMin === 1 ? 'minute' : 'minutes'} late`;
  switch (phase) {
    case 'next':
      return delayMin > 0 ? late : `Doors open at ${doorsOpenAt}`;
    case 'doors-open':
      return delayMin > 0 ? `Doors open · ${late.toLowerCase()}` : 'Doors open';
    case 'now-seating':
      return delayMin > 0 ? `Now seating · ${late.toLowerCase()}` : 'Now seating';
    case 'last-call':
      return 'Last call';
    case 'running':
      return 'The film is running';
    case 'cleaning':
      return 'Cleaning';
    case 'closed':
      return 'Closed';
  }
}

const closed: DoorState = {
  showNo: null,
  film: null,
  rating: null,
  startsAtMs: null,
  startsAt: null,
  delayMin: 0,
  state: 'closed',
  text: 'No show',
};

const titleOf = (film: Film | undefined): Pick<DoorState, 'film' | 'rating'> => ({
  film: film?.title ?? null,
  rating: film?.rating ?? null,
});

/**
 * The sign at an auditorium's door. `running` covers the film itself; a show that has not begun and
 * is late says so in its text, in whichever state it is.
 * @param nowMs UTC ms.
 */
export function doorState(
  programme: Programme,
  auditorium: string,
  live: LiveView,
  nowMs: number,
): DoorState {
  const course = courseAt(programme, auditorium, live, nowMs);
  if (course === null) return closed;
  const { zone, films } = indexOf(programme);
  const state = phaseOf(course, nowMs);
  return {
    showNo: course.show.showNo,
    ...titleOf(films.get(course.show.filmId)),
    startsAtMs: course.startMs,
    startsAt: clockText(zone, course.startMs),
    delayMin: course.delayMin,
    state,
    text: textOf(state, course, clockText(zone, course.doorsOpenMs)),
  };
}
