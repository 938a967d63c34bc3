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
