import type { FeedRow, NodeId } from '@foyer/contracts';

const minuteMs = 60_000;
const maxZones = 16;

interface ZoneFormats {
  time: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
}

const formats = new Map<string, ZoneFormats>();

function newFormats(timeZone: string): ZoneFormats {
  return {
    time: new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
    day: new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'long' }),
  };
}

function formatsOf(timeZone: string): ZoneFormats {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  let made: ZoneFormats;
  try {
    made = newFormats(timeZone);
  } catch {
    // A zone that this runtime does not know must not stop a gate.
    made = newFormats('UTC');
  }
  if (formats.size >= maxZones) formats.clear();
  formats.set(timeZone, made);
  return made;
}

/** "19:40", or "19:40 on 21 November" when that is another day than `nowMs`, in an IANA zone. */
export function timeFor(timeZone: string, atMs: number, nowMs: number): string {
  const { time, day } = formatsOf(timeZone);
  const date = day.format(atMs);
  return date === day.format(nowMs) ? time.format(atMs) : `${time.format(atMs)} on ${date}`;
}

/** The start with the staff's delay, in UTC milliseconds. */
export function startOf(show: FeedRow<'show'>): number {
  return show.startsAtMs + show.delayMin * minuteMs;
}

/** When a show's doors open and close, in UTC milliseconds. */
export function doorsOf(
  show: FeedRow<'show'>,
  theatre: FeedRow<'theatre'>,
): { openMs: number; closeMs: number } {
  const startMs = startOf(show);
  return {
    openMs: startMs - theatre.doorsOpenBeforeMin * minuteMs,
    closeMs: startMs + theatre.doorsCloseAfterMin * minuteMs,
  };
}

/** "Screen 5, on your left". */
export function wayTo(auditorium: FeedRow<'auditorium'> | null, id: string): string {
  if (auditorium === null) return `Screen ${id}`;
  const { name, directions } = auditorium;
  return (directions === '' ? name : `${name}, ${directions}`).slice(0, 200);
}

/** "Admitted at Gate 2, 19:31". */
export function admittedAt(
  gate: { node: NodeId; row: FeedRow<'node'> | null },
  atMs: number,
  nowMs: number,
  timeZone: string,
): string {
  return `Admitted at ${gate.row?.name ?? gate.node}, ${timeFor(timeZone, atMs, nowMs)}`;
}
