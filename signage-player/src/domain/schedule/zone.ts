/** A moment as the clock on the wall reads it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Minutes since midnight, 0 to 1439. */
  readonly minuteOfDay: number;
  /** ISO: 1 is Monday. */
  readonly weekday: number;
  /** "2026-11-21" */
  readonly date: string;
}

/** A stretch of time with one offset: local = UTC + offsetMs. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
export const dayMs = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

function readOffsetMs(zone: string, atMs: number): number {
  const read: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(atMs)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  const wholeSecondMs = Math.floor(atMs / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecondMs;
}

// No zone has ever changed its offset but at a quarter of an hour of UTC since 1980.
const quarterMs = 15 * minuteMs;
const mostQuarters = 4096;
const quarters = new Map<string, number>();

/**
 * How far a zone's clocks are ahead of UTC at a moment, ms. Throws RangeError for an unknown zone.
 */
export function offsetMsAt(zone: string, atMs: number): number {
  const quarter = Math.floor(atMs / quarterMs);
  const key = `${zone}/${quarter}`;
  let offset = quarters.get(key);
  if (offset === undefined) {
    offset = readOffsetMs(zone, quarter * quarterMs);
    if (quarters.size >= mostQuarters) quarters.clear();
    quarters.set(key, offset);
  }
  return offset;
}

/** The local reading of a clock whose offset is known; `localMs` = UTC ms + offset. */
export function readingOf(localMs: number): LocalTime {
  const day = new Date(localMs);
  return {
    year: day.getUTCFullYear(),
    month: day.getUTCMonth() + 1,
    day: day.getUTCDate(),
    minuteOfDay: day.getUTCHours() * 60 + day.getUTCMinutes(),
    weekday: ((day.getUTCDay() + 6) % 7) + 1,
    date: day.toISOString().slice(0, 10),
  };
}

/** What a zone's clocks read at a moment. */
export function localTimeAt(zone: string, atMs: number): LocalTime {
  return readingOf(atMs + offsetMsAt(zone, atMs));
}

/** Minutes since midnight on a zone's clocks, 0 to 1439. */
export function localMinuteAt(zone: string, atMs: number): number {
  return localTimeAt(zone, atMs).minuteOfDay;
}

/** "18:05" in a zone. */
export function clockText(zone: string, atMs: number): string {
  return new Date(atMs + offsetMsAt(zone, atMs)).toISOString().slice(11, 16);
}

/** "2026-11-21T18:00:00-06:00": a moment in a zone; with ms where it has any. */
export function isoInZone(zone: string, atMs: number): string {
  const offset = offsetMsAt(zone, atMs);
  const local = new Date(atMs + offset)
    .toISOString()
    .slice(0, -1)
    .replace(/\.000$/, '');
  const minutes = Math.abs(offset) / minuteMs;
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/**
 * Cuts [fromMs, toMs) where the zone's offset changes. Inside a stretch local time runs evenly, so
 * a local hour that a change skips is in none of them, and one that comes twice is in two.
 */
export function stretchesOf(zone: string, fromMs: number, toMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  let startMs = fromMs;
  let offsetMs = offsetMsAt(zone, fromMs);
  let atMs = (Math.floor(fromMs / hourMs) + 1) * hourMs;
  for (; atMs < toMs + hourMs; atMs += hourMs) {
    const here = Math.min(atMs, toMs - 1);
    if (here < startMs || offsetMsAt(zone, here) === offsetMs) continue;
    let changeMs = Math.ceil((here - hourMs) / quarterMs) * quarterMs;
    while (offsetMsAt(zone, changeMs) === offsetMs) changeMs += quarterMs;
    stretches.push({ fromMs: startMs, toMs: changeMs, offsetMs });
    startMs = changeMs;
    offsetMs = offsetMsAt(zone, changeMs);
  }
  stretches.push({ fromMs: startMs, toMs, offsetMs });
  return stretches;
}

/**
 * When a zone's clocks first read this (`localMs`: the reading as if it were UTC); for a reading
 * that they skip, the moment at which they do.
 */
export function momentOfReading(zone: string, localMs: number): number {
  for (const { fromMs, toMs, offsetMs } of stretchesOf(zone, localMs - dayMs, localMs + dayMs)) {
    const atMs = Math.max(fromMs, localMs - offsetMs);
    if (atMs < toMs) return atMs;
  }
  return localMs;
}

// Cinemas are dark then, and no zone changes its clocks at that hour.
const dayStartsAtHour = 4;

/**
 * The day of a house, from 04:00 to the next 04:00 on its clocks: 23, 24 or 25 hours.
 * @returns UTC ms; `fromMs` <= atMs < `toMs`.
 */
export function houseDayAt(zone: string, atMs: number): { fromMs: number; toMs: number } {
  const { year, month, day, minuteOfDay } = localTimeAt(zone, atMs);
  const late = minuteOfDay < dayStartsAtHour * 60 ? 1 : 0;
  const startOf = (days: number): number =>
    momentOfReading(zone, Date.UTC(year, month - 1, day + days, dayStartsAtHour));
  return { fromMs: startOf(-late), toMs: startOf(1 - late) };
}
