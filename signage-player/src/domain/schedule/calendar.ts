import type { Campaign, Item } from '@foyer/contracts';

import { joined } from './intervals.ts';
import type { Interval } from './intervals.ts';
import type { ExclusionCode } from './slot.ts';
import { dayMs, readingOf } from './zone.ts';
import type { Stretch } from './zone.ts';

type Daypart = Campaign['dayparts'][number];
export type Calendar = Pick<Campaign, 'dates' | 'weekdays' | 'dayparts'>;

const minuteMs = 60_000;

function minuteOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3));
}

/** Milliseconds after its day's midnight; one that ends before it begins goes on after midnight. */
function spanOf({ from, to }: Daypart): { fromMs: number; toMs: number } {
  const fromMs = minuteOf(from) * minuteMs;
  const toMs = minuteOf(to) * minuteMs;
  return { fromMs, toMs: toMs <= fromMs ? toMs + dayMs : toMs };
}

const allDay = { fromMs: 0, toMs: dayMs };

const spansOf = ({ dayparts }: Calendar): { fromMs: number; toMs: number }[] =>
  dayparts.length === 0 ? [allDay] : dayparts.map(spanOf);

function inDates({ dates }: Calendar, date: string): boolean {
  return (dates.from === null || dates.from <= date) && (dates.to === null || date <= dates.to);
}

const onWeekday = ({ weekdays }: Calendar, weekday: number): boolean =>
  weekdays.length === 0 || weekdays.includes(weekday);

/** When a calendar holds, by the clock on the wall, within stretches of one offset each. */
export function calendarIntervals(calendar: Calendar, stretches: readonly Stretch[]): Interval[] {
  const spans = spansOf(calendar);
  const found: Interval[] = [];
  for (const { fromMs, toMs, offsetMs } of stretches) {
    const lastDay = Math.floor((toMs + offsetMs - 1) / dayMs);
    for (let day = Math.floor((fromMs + offsetMs) / dayMs) - 1; day <= lastDay; day += 1) {
      const { date, weekday } = readingOf(day * dayMs);
      if (!inDates(calendar, date) || !onWeekday(calendar, weekday)) continue;
      for (const span of spans) {
        found.push({
          fromMs: Math.max(fromMs, day * dayMs + span.fromMs - offsetMs),
          toMs: Math.min(toMs, day * dayMs + span.toMs - offsetMs),
        });
      }
    }
  }
  return joined(found);
}

/** When the law lets an item be shown. */
export function legalIntervals(
  hours: NonNullable<Item['legalHours']>,
  stretches: readonly Stretch[],
): Interval[] {
  const daily = { dates: { from: null, to: null }, weekdays: [], dayparts: [hours] };
  return calendarIntervals(daily, stretches);
}

/** What of a calendar fails at a local moment (UTC ms + offset); null where it holds. */
export function calendarRefusal(calendar: Calendar, localMs: number): ExclusionCode | null {
  const today = Math.floor(localMs / dayMs);
  let refusal: ExclusionCode | null = inDates(calendar, readingOf(localMs).date)
    ? 'other-daypart'
    : 'out-of-dates';
  for (const day of [today - 1, today]) {
    const { date, weekday } = readingOf(day * dayMs);
    const timeOfDayMs = localMs - day * dayMs;
    if (!spansOf(calendar).some((span) => span.fromMs <= timeOfDayMs && timeOfDayMs < span.toMs)) {
      continue;
    }
    if (!inDates(calendar, date)) refusal = 'out-of-dates';
    else if (onWeekday(calendar, weekday)) return null;
    else refusal = 'other-weekday';
  }
  return refusal;
}
