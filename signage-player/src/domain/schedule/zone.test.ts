import { expect, test } from 'vitest';

import { calendarIntervals } from './calendar.ts';
import { hourMs } from './testing/house.ts';
import { clockText, houseDayAt, isoInZone, momentOfReading, stretchesOf } from './zone.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

test.each([
  ['America/Chicago', '2026-11-21T18:00', 24],
  ['America/Chicago', '2026-03-08T12:00', 24],
  ['America/Chicago', '2026-03-07T22:00', 23],
  ['America/Chicago', '2026-10-31T22:00', 25],
  ['Europe/Dublin', '2026-03-28T22:00', 23],
  ['Europe/Dublin', '2026-10-24T22:00', 25],
  ['Australia/Lord_Howe', '2026-10-03T12:00', 23.5],
  ['Asia/Kathmandu', '2026-10-03T12:00', 24],
] as const)('in %s the house day of %s has %d hours and begins at 04:00', (zone, local, hours) => {
  const atMs = momentOfReading(zone, utc(local));
  const { fromMs, toMs } = houseDayAt(zone, atMs);
  expect((toMs - fromMs) / hourMs).toBe(hours);
  expect(clockText(zone, fromMs)).toBe('04:00');
  expect(clockText(zone, toMs)).toBe('04:00');
  expect(fromMs <= atMs && atMs < toMs).toBe(true);
});

test('house days follow one another without gap over a year with both changes', () => {
  let atMs = utc('2026-01-01T12:00');
  for (let day = 0; day < 366; day += 1) {
    const { fromMs, toMs } = houseDayAt('America/Chicago', atMs);
    expect(houseDayAt('America/Chicago', fromMs)).toEqual({ fromMs, toMs });
    expect(houseDayAt('America/Chicago', toMs).fromMs).toBe(toMs);
    atMs = toMs;
  }
});

test('a skipped reading is the moment of the change, a doubled one its first', () => {
  const skipped = momentOfReading('America/Chicago', utc('2026-03-08T02:30'));
  expect(isoInZone('America/Chicago', skipped)).toBe('2026-03-08T03:00:00-05:00');
  const doubled = momentOfReading('America/Chicago', utc('2026-11-01T01:30'));
  expect(isoInZone('America/Chicago', doubled)).toBe('2026-11-01T01:30:00-05:00');
});

const daily = (from: string, to: string) => ({
  dates: { from: null, to: null },
  weekdays: [],
  dayparts: [{ from, to }],
});

const chicago = (from: string, to: string) =>
  stretchesOf(
    'America/Chicago',
    momentOfReading('America/Chicago', utc(from)),
    momentOfReading('America/Chicago', utc(to)),
  );

test('a daypart inside the hour that spring skips is not on that day, and is on the next', () => {
  const found = calendarIntervals(
    daily('02:15', '02:45'),
    chicago('2026-03-07T12:00', '2026-03-09T12:00'),
  );
  expect(found.map(({ fromMs }) => isoInZone('America/Chicago', fromMs))).toEqual([
    '2026-03-09T02:15:00-05:00',
  ]);
});

test('a daypart inside the hour that autumn repeats is on twice, by the clock on the wall', () => {
  const found = calendarIntervals(
    daily('01:15', '01:45'),
    chicago('2026-10-31T12:00', '2026-11-01T12:00'),
  );
  expect(found.map(({ fromMs }) => isoInZone('America/Chicago', fromMs))).toEqual([
    '2026-11-01T01:15:00-05:00',
    '2026-11-01T01:15:00-06:00',
  ]);
  for (const { fromMs, toMs } of found) expect(toMs - fromMs).toBe(30 * 60_000);
});

test('a daypart after midnight belongs to the day that it began on', () => {
  const fridays = { ...daily('22:00', '02:00'), weekdays: [5] };
  const found = calendarIntervals(fridays, chicago('2026-11-19T04:00', '2026-11-23T04:00'));
  expect(
    found.map(({ fromMs, toMs }) => [fromMs, toMs].map((ms) => isoInZone('America/Chicago', ms))),
  ).toEqual([['2026-11-20T22:00:00-06:00', '2026-11-21T02:00:00-06:00']]);
});
