import { expect, test } from 'vitest';

import { boardDataSchema, boardSchema, templateDataSchema } from '@foyer/contracts';
import type { Item, LiveView } from '@foyer/contracts';

import { boardData } from './boards.ts';
import { doorState } from './door.ts';
import { houseOf, itemOf, minuteMs, screenOf, showOf, silent } from './testing/house.ts';

const startMs = Date.parse('2026-11-21T20:00:00-06:00');
const screens = [screenOf('lobby-1'), screenOf('door-1', { auditorium: '1', kind: 'door' })];
const house = houseOf({
  screens,
  shows: [
    showOf(1, startMs, { filmId: 'orrery' }),
    showOf(2, startMs + 180 * minuteMs),
    showOf(3, startMs + 5 * minuteMs, { auditorium: '2' }),
  ],
});
const at = (minutes: number): number => startMs + minutes * minuteMs;
const late: LiveView = { ...silent, delays: [{ showNo: 1, delayMin: 10, atMs: at(-60) }] };

/** Every minute at which the sign changes, from three hours before to nine hours after. */
function dayOf(live: LiveView): string[] {
  const changes: string[] = [];
  let last = '';
  for (let minute = -180; minute < 540; minute += 1) {
    const { state, film, startsAt, text } = doorState(house, '1', live, at(minute));
    const said = `${state}: ${film ?? '-'} ${startsAt ?? ''} ${text}`;
    if (said !== last) changes.push(`${minute} ${said}`);
    last = said;
  }
  return changes;
}

test('the sign at a door, minute by minute over a day', () => {
  expect(dayOf(silent)).toEqual([
    '-180 next: orrery 20:00 Doors open at 19:30',
    '-30 doors-open: orrery 20:00 Doors open',
    '-15 now-seating: orrery 20:00 Now seating',
    '5 last-call: orrery 20:00 Last call',
    '10 running: orrery 20:00 The film is running',
    '100 cleaning: orrery 20:00 Cleaning',
    '115 next: tide 23:00 Doors open at 22:30',
    '150 doors-open: tide 23:00 Doors open',
    '165 now-seating: tide 23:00 Now seating',
    '185 last-call: tide 23:00 Last call',
    '190 running: tide 23:00 The film is running',
    '280 cleaning: tide 23:00 Cleaning',
    '295 closed: -  No show',
  ]);
});

test('a delay of ten minutes moves all of the show, and is said until it has begun', () => {
  expect(dayOf(late).slice(0, 7)).toEqual([
    '-180 next: orrery 20:10 Running 10 minutes late',
    '-20 doors-open: orrery 20:10 Doors open · running 10 minutes late',
    '-5 now-seating: orrery 20:10 Now seating · running 10 minutes late',
    '15 last-call: orrery 20:10 Last call',
    '20 running: orrery 20:10 The film is running',
    '110 cleaning: orrery 20:10 Cleaning',
    '125 next: tide 23:00 Doors open at 22:30',
  ]);
});

const live: LiveView = {
  ...late,
  sold: { 1: { count: 90, atMs: at(-20) }, 3: { count: 100, atMs: at(-20) } },
  admitted: { 1: { count: 40, atMs: at(-20) } },
  waiting: {
    'gate-1': { count: 2, atMs: at(-20) },
    'gate-2': { count: 7, atMs: at(-20) },
    'gate-3': { count: 0, atMs: at(-30) },
  },
  gates: [
    { node: 'gate-1', open: false, atMs: at(-19.5) },
    { node: 'gate-2', open: true, atMs: at(-19.5) },
    { node: 'gate-3', open: true, atMs: at(-30) },
  ],
};

const draw = (board: Extract<Item['content'], { kind: 'board' }>['board'], screenNo = 0) => {
  const screen = screens[screenNo];
  if (screen === undefined) throw new Error('no such screen');
  return boardData(
    house,
    screen,
    itemOf('x', { content: { kind: 'board', board } }),
    live,
    at(-19),
  );
};

test('a showtimes board says delays and how full a show is, also that nobody knows', () => {
  const data = draw('showtimes');
  const lines = data?.board === 'showtimes' ? data.shows : [];
  expect(
    lines.map(({ showNo, startsAt, availability, seatsLeft }) => [
      showNo,
      startsAt,
      availability,
      seatsLeft,
    ]),
  ).toEqual([
    [3, '20:05', 'sold-out', 0],
    [1, '20:10', 'few', 10],
    [2, '23:00', 'unknown', null],
  ]);
  expect(lines[1]?.text).toBe('Doors open · running 10 minutes late');
});

test('a queue board sends nobody to a gate that is closed or does not answer', () => {
  expect(draw('queue')).toMatchObject({
    shortest: 'gate-2',
    waiting: 9,
    gates: [
      { gate: 'gate-1', open: false, waiting: 2 },
      { gate: 'gate-2', open: true, waiting: 7 },
      { gate: 'gate-3', open: false, waiting: null },
    ],
    halls: [
      { auditorium: '1', admitted: 40, sold: 90, capacity: 100 },
      { auditorium: '2', admitted: null, sold: 100, capacity: 100 },
    ],
  });
});

test('the way to the halls names the next show of each', () => {
  const data = draw('wayfinding');
  const halls = data?.board === 'wayfinding' ? data.halls : [];
  expect(halls.map(({ auditorium, showNo }) => [auditorium, showNo])).toEqual([
    ['1', 1],
    ['2', 3],
  ]);
});

test('a countdown runs to the show of its door, elsewhere to the next start', () => {
  expect(draw('countdown', 1)).toMatchObject({ remainingMs: 29 * minuteMs, show: { showNo: 1 } });
  expect(draw('countdown')).toMatchObject({ show: { showNo: 3 }, remainingMs: 24 * minuteMs });
});

test('a template of the chain gets all that boards have, a picture nothing', () => {
  const [lobby] = screens;
  const content = { kind: 'template', sha256: 'a'.repeat(64) } as const;
  const data = boardData(house, lobby!, itemOf('x', { content }), live, at(-19));
  expect(templateDataSchema.parse(data)).toEqual(data);
  const picture = itemOf('x', { content: { ...content, kind: 'media' } });
  expect(boardData(house, lobby!, picture, live, at(-19))).toBeNull();
});

test('what a board is given is what the contract of boards says, to the last field', () => {
  for (const board of boardSchema.options) {
    for (const screen of screens) {
      const item = itemOf('x', { content: { kind: 'board', board } });
      const data = boardData(house, screen, item, live, at(-19));
      expect(boardDataSchema.parse(data)).toEqual(data);
    }
  }
});
