import type { z } from 'zod';

import type { showInputSchema } from '@foyer/contracts';

import type { Uniform } from '../camera/random.ts';
import { films } from './films.ts';
import type { Hall } from './halls.ts';

/** A show as the booking API takes it. */
export type Show = z.infer<typeof showInputSchema>;

/** Doors open half an hour before a show and close forty minutes into it. */
export const doors = { openBeforeMin: 30, closeAfterMin: 40 } as const;

/** What a guest meets who comes now: `open` admits, `early` and `over` do not. */
export type ShowPhase = 'yesterday' | 'over' | 'open' | 'early' | 'late';

/** A show, and how full it is before the doors open. */
export interface PlannedShow {
  readonly show: Show;
  readonly phase: ShowPhase;
  /** Share of the seats that are sold before the run begins. */
  readonly soldShare: number;
}

const minuteMs = 60_000;

interface Slot {
  readonly phase: ShowPhase;
  readonly offsetMin: number;
  readonly stepMin: number;
  readonly soldShare: number;
}

// Five shows a hall. The open ones start between 12 minutes ago and 23 minutes from now, so that
// their doors stay open for at least 28 minutes of a run.
const slots: readonly Slot[] = [
  { phase: 'yesterday', offsetMin: -24 * 60, stepMin: 15, soldShare: 0.7 },
  { phase: 'over', offsetMin: -200, stepMin: 7, soldShare: 0.55 },
  { phase: 'open', offsetMin: -12, stepMin: 5, soldShare: 0.3 },
  { phase: 'early', offsetMin: 130, stepMin: 10, soldShare: 0.25 },
  { phase: 'late', offsetMin: 290, stepMin: 10, soldShare: 0.12 },
];

const pricesMinor = [950, 1100, 1250, 1400] as const;

/**
 * Forty shows around now: five in each of eight halls.
 * @param nowMs starts are set from it, on the minute.
 */
export function planShows(halls: readonly Hall[], nowMs: number, uniform: Uniform): PlannedShow[] {
  const minute = Math.floor(nowMs / minuteMs) * minuteMs;
  const firstFilm = Math.floor(uniform() * films.length);
  return slots.flatMap((slot, slotNo) =>
    halls.map((hall, hallNo): PlannedShow => {
      const film = films[(firstFilm + hallNo + 3 * slotNo) % films.length];
      const price = pricesMinor[Math.floor(uniform() * pricesMinor.length)];
      return {
        phase: slot.phase,
        soldShare: slot.soldShare * (0.8 + 0.4 * uniform()),
        show: {
          showNo: 1001 + slotNo * halls.length + hallNo,
          filmId: film?.filmId ?? '',
          auditorium: hall.auditorium,
          startsAtMs: minute + (slot.offsetMin + slot.stepMin * hallNo) * minuteMs,
          priceMinor: price ?? 1100,
        },
      };
    }),
  );
}
