import type { Screen } from '@foyer/contracts';

import { hash32 } from '../ads/hash.ts';
import type { AdRequest } from '../ads/index.ts';
import type { Contender, LaneState } from './engine.ts';
import { showsAround } from './house.ts';
import type { Exclusion } from './slot.ts';
import { delayMinOf, windowOf } from './shows.ts';
import type { DayFrame } from './windows.ts';
import { localTimeAt } from './zone.ts';

const openDoors = {
  from: { of: 'doors-open', offsetMin: 0 },
  to: { of: 'doors-close', offsetMin: 0 },
} as const;

function filmsAt(frame: DayFrame, screen: Screen, atMs: number): string[] {
  const films = showsAround(frame.index, atMs, atMs)
    .filter((show) => screen.auditorium === null || show.auditorium === screen.auditorium)
    .filter((show) => {
      const delayMin = delayMinOf(show, frame.delays);
      const window = windowOf(frame.index, show, delayMin, openDoors);
      return window !== null && window.fromMs <= atMs && atMs < window.toMs;
    })
    .map(({ filmId }) => filmId);
  return [...new Set(films)].toSorted();
}

/** The question of who has a promotion's turn. */
export function requestOf(
  frame: DayFrame,
  screen: Screen,
  promotions: readonly Contender[],
  state: LaneState,
  excluded: readonly Exclusion[],
): AdRequest {
  const { atMs } = state;
  const { minuteOfDay, weekday } = localTimeAt(frame.index.zone, atMs);
  const weights = promotions.reduce((sum, { seat }) => sum + seat.campaign.weight, 0);
  const { screenId, kind, auditorium, groups, tags } = screen;
  return {
    screen: { screenId, kind, auditorium, groups, tags },
    nowMs: atMs,
    context: {
      minuteOfDay,
      weekday,
      films: filmsAt(frame, screen, atMs),
      shares: Object.fromEntries(
        promotions.map(({ seat: { campaign } }) => [
          campaign.campaignId,
          campaign.weight / weights,
        ]),
      ),
      liveAgeMs: null,
    },
    eligible: promotions.map(({ seat, place }) => ({
      campaignId: seat.campaign.campaignId,
      itemId: seat.items[place]?.item.itemId ?? '',
      weight: seat.campaign.weight,
      deficit: state.owedMs[seat.no] ?? 0,
    })),
    excluded,
    seed: hash32(`${screenId}/${atMs}`),
  };
}
