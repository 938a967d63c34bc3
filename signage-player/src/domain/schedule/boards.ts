import type {
  Availability,
  BoardData,
  DoorState,
  HallLine,
  Item,
  LiveView,
  Programme,
  QueueLine,
  Screen,
  ShowtimesLine,
} from '@foyer/contracts';

import { courseAt, doorState } from './door.ts';
import { indexOf, showsAround } from './house.ts';
import { delayMinOf, minuteMs, momentMs } from './shows.ts';
import type { Show } from './shows.ts';
import { clockText } from './zone.ts';

type BoardBase = Omit<BoardData & { board: 'menu' }, 'board'>;

const countKnownMs = 10 * minuteMs;
const waitingKnownMs = 2 * minuteMs;
const gateAnswersMs = minuteMs;
const fewFromShare = 0.85;
const mostLines = 24;

/** A count by show number, while it is fresh enough to be said. */
function countOf(counts: LiveView['sold'], showNo: number, nowMs: number): number | null {
  const told = counts[String(showNo)];
  return told === undefined || nowMs - told.atMs > countKnownMs ? null : told.count;
}

function seatsLeftOf(
  programme: Programme,
  show: Show,
  live: LiveView,
  nowMs: number,
): { seatsLeft: number | null; capacity: number } {
  const capacity = indexOf(programme).auditoriums.get(show.auditorium)?.capacity ?? 0;
  const sold = countOf(live.sold, show.showNo, nowMs);
  const isUnknown = sold === null || capacity === 0;
  return { seatsLeft: isUnknown ? null : Math.max(0, capacity - sold), capacity };
}

function availabilityOf(seatsLeft: number | null, capacity: number): Availability {
  if (seatsLeft === null) return 'unknown';
  if (seatsLeft === 0) return 'sold-out';
  return seatsLeft <= capacity * (1 - fewFromShare) ? 'few' : 'many';
}

function lineOf(programme: Programme, show: Show, live: LiveView, nowMs: number): ShowtimesLine {
  const { films, auditoriums, zone } = indexOf(programme);
  const film = films.get(show.filmId);
  const hall = auditoriums.get(show.auditorium);
  const delayMin = delayMinOf(show, live.delays);
  const startsAtMs = show.startsAtMs + delayMin * minuteMs;
  const door = doorState(programme, show.auditorium, live, nowMs);
  const own = door.showNo === show.showNo;
  const late = delayMin > 0 ? `Running ${delayMin} minutes late` : '';
  const { seatsLeft, capacity } = seatsLeftOf(programme, show, live, nowMs);
  return {
    showNo: show.showNo,
    film: film?.title ?? '',
    rating: film?.rating ?? '',
    auditorium: show.auditorium,
    auditoriumName: hall?.name ?? show.auditorium,
    directions: hall?.directions ?? '',
    startsAtMs,
    startsAt: clockText(zone, startsAtMs),
    delayMin,
    state: own ? door.state : 'next',
    text: own && door.state !== 'next' ? door.text : late,
    availability: availabilityOf(seatsLeft, capacity),
    seatsLeft,
  };
}

/** Shows whose doors have not closed yet, the next ones first. */
function comingShows(programme: Programme, live: LiveView, nowMs: number): ShowtimesLine[] {
  const index = indexOf(programme);
  const horizonMs = nowMs + 24 * 60 * minuteMs;
  return showsAround(index, nowMs, nowMs)
    .filter((show) => {
      const closesMs = momentMs(index, show, delayMinOf(show, live.delays), 'doors-close') ?? 0;
      return closesMs > nowMs && show.startsAtMs < horizonMs;
    })
    .slice(0, mostLines)
    .map((show) => lineOf(programme, show, live, nowMs))
    .toSorted((a, b) => a.startsAtMs - b.startsAtMs);
}

function nextByHall(lines: readonly ShowtimesLine[]): ShowtimesLine[] {
  const byHall = new Map<string, ShowtimesLine>();
  for (const line of lines) {
    if (!byHall.has(line.auditorium)) byHall.set(line.auditorium, line);
  }
  return [...byHall.values()].toSorted((a, b) =>
    a.auditoriumName.localeCompare(b.auditoriumName, 'en', { numeric: true }),
  );
}

interface Queue {
  gates: QueueLine[];
  waiting: number | null;
  shortest: string | null;
}

function queueOf(live: LiveView, nowMs: number): Queue {
  const gates = live.gates
    .map(({ node, open, atMs }): QueueLine => {
      const told = live.waiting[node];
      const known = told !== undefined && nowMs - told.atMs <= waitingKnownMs;
      return {
        gate: node,
        open: open && nowMs - atMs <= gateAnswersMs,
        waiting: known ? told.count : null,
      };
    })
    .toSorted((a, b) => a.gate.localeCompare(b.gate, 'en', { numeric: true }));
  const counted = gates.filter(({ waiting }) => waiting !== null);
  const [shortest] = counted
    .filter(({ open }) => open)
    .toSorted((a, b) => (a.waiting ?? 0) - (b.waiting ?? 0));
  return {
    gates,
    waiting:
      counted.length === 0 ? null : counted.reduce((sum, gate) => sum + (gate.waiting ?? 0), 0),
    shortest: shortest?.gate ?? null,
  };
}

function fillingHalls(programme: Programme, live: LiveView, nowMs: number): HallLine[] {
  const { auditoriums } = indexOf(programme);
  return programme.auditoriums
    .flatMap(({ auditorium }): HallLine[] => {
      const door = doorState(programme, auditorium, live, nowMs);
      const { showNo, state } = door;
      const filling = state === 'doors-open' || state === 'now-seating' || state === 'last-call';
      if (showNo === null || !filling) return [];
      const hall = auditoriums.get(auditorium);
      return [
        {
          auditorium,
          auditoriumName: hall?.name ?? auditorium,
          film: door.film ?? '',
          state,
          admitted: countOf(live.admitted, showNo, nowMs),
          sold: countOf(live.sold, showNo, nowMs),
          capacity: hall?.capacity ?? 0,
        },
      ];
    })
    .toSorted((a, b) => a.auditoriumName.localeCompare(b.auditoriumName, 'en', { numeric: true }));
}

function countdownOf(
  programme: Programme,
  screen: Screen,
  live: LiveView,
  nowMs: number,
): { show: ShowtimesLine | null; remainingMs: number | null } {
  const lines = comingShows(programme, live, nowMs);
  const own = screen.auditorium;
  const course = own === null ? null : courseAt(programme, own, live, nowMs);
  const show =
    own === null
      ? lines.find(({ startsAtMs }) => startsAtMs > nowMs)
      : lines.find(({ showNo }) => showNo === course?.show.showNo);
  return {
    show: show ?? null,
    remainingMs: show === undefined ? null : show.startsAtMs - nowMs,
  };
}

/**
 * The data of an item that is a board or a chain's own template, for one screen and moment. Pure;
 * ask again every second, and at once when the live state changes.
 * @returns null for an item that is a picture or a film.
 */
export function boardData(
  programme: Programme,
  screen: Screen,
  item: Item,
  live: LiveView,
  nowMs: number,
): BoardData | null {
  const { content } = item;
  if (content.kind === 'media') return null;
  const base: BoardBase = {
    brand: programme.signage.brand,
    theatre: programme.theatre.name,
    screen: { screenId: screen.screenId, name: screen.name, kind: screen.kind },
    nowMs,
    clock: clockText(programme.theatre.timeZone, nowMs),
    data: item.data,
  };
  const board = content.kind === 'template' ? 'template' : content.board;
  const shows = (): ShowtimesLine[] => comingShows(programme, live, nowMs);
  const door = (hall: string): DoorState => doorState(programme, hall, live, nowMs);
  const own = screen.auditorium;
  switch (board) {
    case 'showtimes':
      return { ...base, board, shows: shows() };
    case 'door':
      return { ...base, board, auditorium: own ?? '', door: door(own ?? '') };
    case 'wayfinding':
      return { ...base, board, halls: nextByHall(shows()) };
    case 'queue':
      return {
        ...base,
        board,
        ...queueOf(live, nowMs),
        halls: fillingHalls(programme, live, nowMs),
      };
    case 'menu':
    case 'promotion':
      return { ...base, board };
    case 'countdown':
      return { ...base, board, ...countdownOf(programme, screen, live, nowMs) };
    case 'template': {
      const ownDoor = own === null ? null : door(own);
      const halls = fillingHalls(programme, live, nowMs);
      return { ...base, board, shows: shows(), door: ownDoor, ...queueOf(live, nowMs), halls };
    }
  }
}
