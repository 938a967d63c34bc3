import { expect, test } from 'vitest';

import {
  auditoriumInputSchema,
  filmInputSchema,
  nodesInputSchema,
  seatNameSchema,
  showInputSchema,
  theatreInputSchema,
} from '@foyer/contracts';

import { seededUniform } from '../camera/random.ts';
import { extraShow } from './extra.ts';
import { capacityOf, halls } from './halls.ts';
import { doors } from './shows.ts';
import { hallsOfGate, makeWorld } from './world.ts';

const nowMs = Date.UTC(2027, 4, 7, 18, 31, 12);
const world = makeWorld({ seed: 1, nowMs, gates: 4 });

test('the world is one that the booking API takes', () => {
  theatreInputSchema.parse(world.theatre);
  for (const hall of world.halls) auditoriumInputSchema.parse(hall);
  for (const film of world.films) filmInputSchema.parse(film);
  for (const { show } of world.shows) showInputSchema.parse(show);
  nodesInputSchema.parse({ nodes: world.nodes });
});

test('it has eight halls, forty shows with distinct numbers and over a thousand bookings', () => {
  expect(world.halls).toHaveLength(8);
  expect(new Set(world.shows.map(({ show }) => show.showNo)).size).toBe(40);
  expect(world.bookings.length).toBeGreaterThan(1000);
  expect(new Intl.DateTimeFormat('en', { timeZone: world.theatre.timeZone })).toBeDefined();
});

test('the doors of exactly the open shows are open now, and stay so for 25 minutes', () => {
  for (const { show, phase } of world.shows) {
    const opensMs = show.startsAtMs - doors.openBeforeMin * 60_000;
    const closesMs = show.startsAtMs + doors.closeAfterMin * 60_000;
    expect(opensMs <= nowMs && nowMs < closesMs).toBe(phase === 'open');
    if (phase === 'open') expect(closesMs - nowMs).toBeGreaterThan(25 * 60_000);
  }
});

test('no seat is sold twice and every seat is in its hall', () => {
  const sold = new Set<string>();
  const hallOf = new Map(world.shows.map(({ show }) => [show.showNo, show.auditorium]));
  for (const booking of world.bookings) {
    const hall = halls.find((each) => each.auditorium === hallOf.get(booking.showNo));
    for (const seat of booking.seats) {
      seatNameSchema.parse(seat);
      const row = hall?.seatMap.rows.find((each) => each.row === seat[0]);
      expect(Number(seat.slice(1))).toBeLessThanOrEqual(row?.seats ?? 0);
      expect(sold.has(`${booking.showNo}/${seat}`)).toBe(false);
      sold.add(`${booking.showNo}/${seat}`);
    }
  }
  expect(halls.reduce((sum, hall) => sum + capacityOf(hall), 0)).toBeGreaterThan(2000);
});

test('an extra show takes the hall that began longest ago, and its doors are open', () => {
  const shows = world.shows.map(({ show }) => show);
  const extra = extraShow(shows, nowMs, seededUniform(1));
  expect(extra).toMatchObject({ showNo: 1041, auditorium: '1' });
  expect(extra?.startsAtMs).toBeLessThanOrEqual(nowMs + doors.openBeforeMin * 60_000);
  expect(extra?.startsAtMs).toBeGreaterThan(nowMs);
  expect(extraShow([], nowMs, seededUniform(1))).toBeUndefined();
});

test('one seed gives one world, another seed another', () => {
  expect(makeWorld({ seed: 1, nowMs, gates: 4 })).toEqual(world);
  expect(makeWorld({ seed: 2, nowMs, gates: 4 }).bookings).not.toEqual(world.bookings);
});

test.each([1, 2, 3, 4, 6, 12])('with %i gates every hall has a gate', (gates) => {
  const served = Array.from({ length: gates }, (_, gate) => hallsOfGate(gate, gates));
  expect(new Set(served.flat())).toEqual(new Set(halls.map((hall) => hall.auditorium)));
  if (gates > 1) expect(served.some((list) => list.length < halls.length)).toBe(true);
});
