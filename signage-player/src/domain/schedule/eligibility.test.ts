import { expect, test } from 'vitest';

import type { LiveView, Programme } from '@foyer/contracts';

import { slotAt, timeline } from './schedule.ts';
import type { ExclusionCode, Slot } from './slot.ts';
import {
  campaignOf,
  hourMs,
  houseOf,
  itemOf,
  minuteMs,
  screenOf,
  showOf,
  silent,
} from './testing/house.ts';

const eightMs = Date.parse('2026-11-21T20:00:00-06:00');
const at = (minutes: number): number => eightMs + minutes * minuteMs;

const loop = campaignOf('loop', { items: ['loop-a', 'loop-b'], priority: 5 });
const beforeStart = {
  from: { of: 'start', offsetMin: -20 },
  to: { of: 'start', offsetMin: -5 },
  auditoriums: [],
  films: [],
} as const;

const snacks = campaignOf('snacks', { shows: { ...beforeStart, auditoriums: [], films: [] } });

const itemAt = (programme: Programme, atMs: number, live = silent, screen = 'lobby-1') =>
  slotAt(programme, screen, live, atMs).item?.itemId ?? null;

const codeOf = (slot: Slot, campaignId: string): ExclusionCode | undefined =>
  slot.excluded.find((exclusion) => exclusion.campaignId === campaignId)?.code;

const told = (delayMin: number, atMs: number): LiveView => ({
  ...silent,
  delays: [{ showNo: 1, delayMin, atMs }],
});

test('a window of a show begins and ends on its minute', () => {
  const house = houseOf({ campaigns: [loop, snacks], shows: [showOf(1, eightMs)] });
  expect(itemAt(house, at(-20) - 1)).not.toBe('snacks');
  expect(itemAt(house, at(-20))).toBe('snacks');
  expect(itemAt(house, at(-5) - 1)).toBe('snacks');
  expect(itemAt(house, at(-5))).not.toBe('snacks');
});

test('a delay moves windows from the moment at which it was told, and nothing before it', () => {
  const house = houseOf({ campaigns: [loop, snacks], shows: [showOf(1, eightMs)] });
  const live = told(30, at(-60));
  expect(itemAt(house, at(-20), live)).not.toBe('snacks');
  expect(itemAt(house, at(10), live)).toBe('snacks');
  expect(itemAt(house, at(25), live)).not.toBe('snacks');
  const before = timeline(house, 'lobby-1', silent, at(-120), at(-61));
  expect(timeline(house, 'lobby-1', live, at(-120), at(-61))).toEqual(before);
});

test('a live delay takes the place of the row, also when it is none', () => {
  const late = houseOf({
    campaigns: [loop, snacks],
    shows: [showOf(1, eightMs, { delayMin: 30 })],
  });
  expect(itemAt(late, at(10))).toBe('snacks');
  expect(itemAt(late, at(-15), told(0, at(-90)))).toBe('snacks');
});

test('what is on when a delay is told stays to its end while it still may be on', () => {
  const ways = campaignOf('ways', { items: ['way-a', 'way-b'], weight: 3 });
  const near = { ...snacks, priority: 10 };
  const house = houseOf({ campaigns: [ways, near], shows: [showOf(1, eightMs)] });
  const tellingMs = at(-12) + 3500;
  const before = slotAt(house, 'lobby-1', silent, tellingMs);
  const after = slotAt(house, 'lobby-1', told(20, tellingMs), tellingMs);
  if (before.campaignId === 'ways') expect(after).toMatchObject({ startMs: before.startMs });
  for (let step = 0; step < 40; step += 1) {
    const atMs = at(-19) + step * 7300;
    const [was, is] = [silent, told(20, atMs)].map((live) => slotAt(house, 'lobby-1', live, atMs));
    if (was?.campaignId !== 'ways') continue;
    expect(is).toMatchObject({ startMs: was.startMs, endMs: was.endMs, item: was.item });
  }
});

test('a cap holds over a delay that is told in the window, however often', () => {
  const ad = campaignOf('ad', { capPerHour: 6, weight: 9 });
  const house = houseOf({
    campaigns: [{ ...loop, priority: 10 }, ad, snacks],
    shows: [showOf(1, eightMs)],
  });
  const starts = new Set<number>();
  let live = silent;
  for (let atMs = at(-30); atMs < at(30); atMs += 1000) {
    if (atMs % (4 * minuteMs) === 0 && atMs > at(-20)) live = told((atMs / minuteMs) % 17, atMs);
    const slot = slotAt(house, 'lobby-1', live, atMs);
    if (slot.campaignId === 'ad') starts.add(slot.startMs);
  }
  expect(starts.size).toBeGreaterThan(0);
  expect(starts.size).toBeLessThanOrEqual(6);
});

test('where a delay is told in its window, what is capped waits its whole interval', () => {
  const ad = campaignOf('ad', { capPerHour: 6, weight: 9 });
  const campaigns = [{ ...loop, priority: 10 }, ad, snacks];
  const house = houseOf({ campaigns, shows: [showOf(1, eightMs)] });
  const tellingMs = at(-12) + 11_000;
  const slots = timeline(house, 'lobby-1', told(20, tellingMs), tellingMs, at(15));
  const first = slots.find(
    ({ campaignId, startMs }) => campaignId === 'ad' && startMs >= tellingMs,
  );
  expect(first?.startMs).toBeGreaterThanOrEqual(tellingMs + 10 * minuteMs);
});

test('on a screen of the whole house a film for all excludes what is for adults', () => {
  const late = { ...aroundShows, shows: { ...aroundShows.shows!, films: ['glass'] } };
  const house = houseOf({
    items: [adults],
    campaigns: [loop, late],
    shows: [
      showOf(1, eightMs, { filmId: 'glass' }),
      showOf(2, eightMs, { filmId: 'tide', auditorium: '2' }),
    ],
  });
  expect(codeOf(slotAt(house, 'lobby-1', silent, at(-10)), 'adults')).toBe('rating');
});

test('a cancelled show opens no window, and the end of an unknown film is no time', () => {
  const cancelled = houseOf({
    campaigns: [loop, snacks],
    shows: [showOf(1, eightMs, { status: 'cancelled' })],
  });
  expect(codeOf(slotAt(cancelled, 'lobby-1', silent, at(-10)), 'snacks')).toBe('no-show');
  const untilEnd = campaignOf('during', {
    shows: { ...snacks.shows!, to: { of: 'end', offsetMin: 0 } },
  });
  const unknown = houseOf({
    campaigns: [loop, untilEnd],
    shows: [showOf(1, eightMs, { filmId: 'lost' })],
  });
  expect(codeOf(slotAt(unknown, 'lobby-1', silent, at(10)), 'during')).toBe('no-show');
});

test('a screen at an auditorium follows its own shows, one of the house follows all', () => {
  const screens = [screenOf('lobby-1'), screenOf('door-2', { auditorium: '2', kind: 'door' })];
  const house = houseOf({ screens, campaigns: [loop, snacks], shows: [showOf(1, eightMs)] });
  expect(itemAt(house, at(-10))).toBe('snacks');
  expect(itemAt(house, at(-10), silent, 'door-2')).not.toBe('snacks');
});

const adults = itemOf('adults', { minAge: 18 });
const aroundShows = campaignOf('adults', {
  shows: { ...beforeStart, from: { of: 'start', offsetMin: -40 }, auditoriums: [], films: [] },
});

test.each([
  ['glass', [], 'adults', undefined],
  ['orrery', [], 'loop', 'rating'],
  ['lost', [], 'loop', 'rating-unknown'],
  ['glass', ['tide'], 'loop', 'rating'],
  ['glass', ['lost'], 'loop', 'rating-unknown'],
] as const)(
  'an item for adults beside %s, with %j in the other hall: %s',
  (filmId, others, shown, code) => {
    const house = houseOf({
      items: [adults],
      campaigns: [loop, aroundShows],
      shows: [
        showOf(1, eightMs, { filmId }),
        ...others.map((film, no) => showOf(2 + no, eightMs, { filmId: film, auditorium: '2' })),
      ],
    });
    const slot = slotAt(house, 'lobby-1', silent, at(-10));
    expect(slot.campaignId).toBe(shown);
    expect(codeOf(slot, 'adults')).toBe(code);
  },
);

test('an item for adults is nowhere where no film is about', () => {
  const always = houseOf({ items: [adults], campaigns: [loop, campaignOf('adults')] });
  expect(codeOf(slotAt(always, 'lobby-1', silent, at(0)), 'adults')).toBe('rating-unknown');
});

test('legal hours hold on the clock, past midnight and through the repeated hour', () => {
  const late = itemOf('late', { legalHours: { from: '21:00', to: '01:30' } });
  const house = houseOf({ items: [late], campaigns: [loop, campaignOf('late')] });
  const legal = (text: string): boolean => itemAt(house, Date.parse(text)) === 'late';
  expect(legal('2026-10-31T20:59:59-05:00')).toBe(false);
  expect(legal('2026-10-31T21:00:00-05:00')).toBe(true);
  expect(legal('2026-11-01T01:29:00-05:00')).toBe(true);
  expect(legal('2026-11-01T01:30:00-05:00')).toBe(false);
  expect(legal('2026-11-01T01:00:00-06:00')).toBe(true);
  expect(legal('2026-11-01T01:30:00-06:00')).toBe(false);
  expect(codeOf(slotAt(house, 'lobby-1', silent, at(-60)), 'late')).toBe('outside-legal-hours');
});

test.each([
  ['paused', { status: 'paused' }],
  ['not-targeted', { target: { kinds: ['door'] } }],
  ['out-of-dates', { dates: { from: '2027-01-01', to: null } }],
  ['out-of-dates', { dates: { from: null, to: '2026-11-20' } }],
  ['other-weekday', { weekdays: [1, 2, 3, 4, 5, 7] }],
  ['other-daypart', { dayparts: [{ from: '09:00', to: '12:00' }] }],
  ['item-missing', { items: ['nowhere'] }],
  ['media-missing', { items: ['picture'] }],
  ['lower-priority', { priority: 1 }],
] as const)('a campaign that is not on says why: %s', (code, more) => {
  const house = houseOf({ campaigns: [loop, campaignOf('other', { items: ['plain'] })] });
  const picture = itemOf('picture', { content: { kind: 'media', sha256: 'a'.repeat(64) } });
  const campaigns = [
    loop,
    campaignOf('other', { items: ['plain'], ...more } as Parameters<typeof campaignOf>[1]),
  ];
  const slot = slotAt(
    { ...house, items: [...house.items, picture], campaigns },
    'lobby-1',
    silent,
    at(0),
  );
  expect(slot.campaignId).toBe('loop');
  expect(codeOf(slot, 'other')).toBe(code);
  expect(slot.excluded.every(({ reason }) => reason.endsWith('.'))).toBe(true);
});

test('a higher priority begins at once, and nothing that would be cut is begun before it', () => {
  const call = campaignOf('call', {
    priority: 40,
    shows: {
      ...snacks.shows!,
      from: { of: 'start', offsetMin: -3 },
      to: { of: 'start', offsetMin: 0 },
    },
  });
  const house = houseOf({
    items: [itemOf('long', { durationMs: 45_000 })],
    campaigns: [{ ...loop, priority: 10 }, campaignOf('long'), call],
    shows: [showOf(1, eightMs)],
  });
  const slots = timeline(house, 'lobby-1', silent, at(-20), at(5));
  const called = slots.filter(({ campaignId }) => campaignId === 'call');
  expect(called[0]?.startMs).toBe(at(-3));
  expect(called.at(-1)?.endMs).toBe(at(0));
  const cut = slots.filter(({ item, startMs, endMs }) => endMs - startMs < (item?.durationMs ?? 0));
  expect(cut).toEqual([]);
});

test('where nothing may be on there is the fallback, and a reason for each campaign', () => {
  const house = houseOf({
    campaigns: [campaignOf('a', { dayparts: [{ from: '09:00', to: '10:00' }] })],
  });
  const slot = slotAt(house, 'lobby-1', silent, at(0));
  expect(slot).toMatchObject({ kind: 'fallback', item: null, code: 'nothing' });
  expect(codeOf(slot, 'a')).toBe('other-daypart');
  expect(slotAt(house, 'unknown', silent, at(0)).kind).toBe('fallback');
});

const emergency = {
  emergencyId: '6f1f3a52-53a8-4c3e-9d6c-1f2e3d4c5b6a',
  active: true,
  kind: 'evacuate',
  text: '',
  screens: [] as string[],
  by: 'usher',
  atMs: eightMs + 999 * hourMs,
} as const;

test('an emergency is on its screens whatever they show, on standby too', () => {
  const screens = [screenOf('lobby-1', { mode: 'standby' }), screenOf('menu-1')];
  const house = houseOf({ screens, campaigns: [loop] });
  const kinds = (live: LiveView): string[] =>
    screens.map(({ screenId }) => slotAt(house, screenId, live, eightMs).kind);
  expect(kinds(silent)).toEqual(['standby', 'item']);
  expect(kinds({ ...silent, emergencies: [{ ...emergency, screens: [] }] })).toEqual([
    'emergency',
    'emergency',
  ]);
  expect(kinds({ ...silent, emergencies: [{ ...emergency, screens: ['lobby-1'] }] })).toEqual([
    'emergency',
    'item',
  ]);
});
