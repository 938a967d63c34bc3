import type { Uniform } from '../camera/random.ts';
import { films } from './films.ts';
import type { Show } from './shows.ts';

const minuteMs = 60_000;
const startsInMin = 15;
const soonMin = 60;

/**
 * One more show for a house that sells out: in the hall whose last show began longest ago, with its
 * doors open at once.
 * @returns undefined when there is no show to go by.
 */
export function extraShow(
  shows: readonly Show[],
  nowMs: number,
  uniform: Uniform,
): Show | undefined {
  const latest = new Map<string, Show>();
  for (const show of shows) {
    if (show.startsAtMs > nowMs + soonMin * minuteMs) continue;
    const known = latest.get(show.auditorium);
    if (known === undefined || known.startsAtMs < show.startsAtMs) {
      latest.set(show.auditorium, show);
    }
  }
  const [hall] = [...latest.values()].toSorted((a, b) => a.startsAtMs - b.startsAtMs);
  if (hall === undefined) return undefined;
  return {
    showNo: Math.max(...shows.map((show) => show.showNo)) + 1,
    filmId: films[Math.floor(uniform() * films.length)]?.filmId ?? hall.filmId,
    auditorium: hall.auditorium,
    startsAtMs: Math.floor(nowMs / minuteMs + startsInMin) * minuteMs,
    priceMinor: hall.priceMinor,
  };
}
