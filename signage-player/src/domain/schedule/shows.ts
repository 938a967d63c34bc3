import type { Campaign, FeedRow, LiveView, Programme } from '@foyer/contracts';

export type Show = Programme['shows'][number];
export type Film = Programme['films'][number];
type Moment = NonNullable<Campaign['shows']>['from'];

export const minuteMs = 60_000;

/** What the moments of a show depend on beside itself. */
export interface House {
  readonly theatre: Pick<FeedRow<'theatre'>, 'doorsOpenBeforeMin' | 'doorsCloseAfterMin'>;
  readonly signage: Programme['signage'];
  readonly films: ReadonlyMap<string, Film>;
}

/** The delay that was told in the house, else the show's own; minutes. */
export function delayMinOf(show: Show, delays: LiveView['delays']): number {
  return delays.find(({ showNo }) => showNo === show.showNo)?.delayMin ?? show.delayMin;
}

/**
 * A moment of a show under a delay: all of them move together.
 * @returns UTC ms; null for the end of a film that the house does not know.
 */
export function momentMs(
  house: House,
  show: Show,
  delayMin: number,
  of: Moment['of'],
): number | null {
  const startMs = show.startsAtMs + delayMin * minuteMs;
  const featureMs = startMs + house.signage.featureAfterStartMin * minuteMs;
  switch (of) {
    case 'doors-open':
      return startMs - house.theatre.doorsOpenBeforeMin * minuteMs;
    case 'start':
      return startMs;
    case 'feature':
      return featureMs;
    case 'end': {
      const film = house.films.get(show.filmId);
      return film === undefined ? null : featureMs + film.runtimeMin * minuteMs;
    }
    case 'doors-close':
      return startMs + house.theatre.doorsCloseAfterMin * minuteMs;
  }
}

/** From one moment of a show to another, UTC ms; null where there is no such time. */
export function windowOf(
  house: House,
  show: Show,
  delayMin: number,
  window: { readonly from: Moment; readonly to: Moment },
): { fromMs: number; toMs: number } | null {
  const fromMs = momentMs(house, show, delayMin, window.from.of);
  const toMs = momentMs(house, show, delayMin, window.to.of);
  if (fromMs === null || toMs === null) return null;
  const from = fromMs + window.from.offsetMin * minuteMs;
  const to = toMs + window.to.offsetMin * minuteMs;
  return from < to ? { fromMs: from, toMs: to } : null;
}
