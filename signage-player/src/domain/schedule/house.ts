import type { Item, Programme, Screen } from '@foyer/contracts';

import type { Film, House, Show } from './shows.ts';

/** A programme with its rows where they are found quickly. */
export interface Index extends House {
  readonly programme: Programme;
  readonly zone: string;
  readonly films: ReadonlyMap<string, Film>;
  readonly items: ReadonlyMap<string, Item>;
  readonly media: ReadonlySet<string>;
  readonly screens: ReadonlyMap<string, Screen>;
  readonly auditoriums: ReadonlyMap<string, Programme['auditoriums'][number]>;
  /** Those that take place, by start. */
  readonly shows: readonly Show[];
}

const indexes = new WeakMap<Programme, Index>();

/** The index of a programme; made once for each object, forgotten with it. */
export function indexOf(programme: Programme): Index {
  let index = indexes.get(programme);
  if (index === undefined) {
    index = {
      programme,
      theatre: programme.theatre,
      signage: programme.signage,
      zone: programme.theatre.timeZone,
      films: new Map(programme.films.map((film) => [film.filmId, film])),
      items: new Map(programme.items.map((item) => [item.itemId, item])),
      media: new Set(programme.media.map(({ sha256 }) => sha256)),
      screens: new Map(programme.screens.map((screen) => [screen.screenId, screen])),
      auditoriums: new Map(programme.auditoriums.map((row) => [row.auditorium, row])),
      shows: programme.shows
        .filter(({ status }) => status === 'scheduled')
        .toSorted((a, b) => a.startsAtMs - b.startsAtMs || a.showNo - b.showNo),
    };
    indexes.set(programme, index);
  }
  return index;
}

const longestShowMs = 4 * 86_400_000;

function firstFrom(shows: readonly Show[], startsAtMs: number): number {
  let [low, high] = [0, shows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shows[middle]?.startsAtMs ?? 0) < startsAtMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shows that may have anything to do with [fromMs, toMs): four days around it, delays included. */
export function showsAround({ shows }: Index, fromMs: number, toMs: number): readonly Show[] {
  return shows.slice(
    firstFrom(shows, fromMs - longestShowMs),
    firstFrom(shows, toMs + longestShowMs),
  );
}
