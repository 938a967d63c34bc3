import type { Emergency, Item, LiveView, Programme } from '@foyer/contracts';

import { makeProgramme } from './testing/programme.ts';

/** One template with something in it, as tests measure it and as docs/screens shows it. */
export interface GalleryCase {
  readonly name: string;
  readonly programme: Programme;
  readonly live: Partial<LiveView>;
  /** Words that must stand on the screen. */
  readonly words: readonly string[];
  readonly portrait: boolean;
}

/** 19:42 in Dublin, on a Saturday in winter. */
export const galleryMs = Date.UTC(2026, 10, 21, 19, 42, 7);

const minuteMs = 60_000;

const films: Programme['films'] = [
  ['salt-lighthouse', 'The Salt Lighthouse', '12A', 118],
  ['nine-lanterns', 'Nine Lanterns for Ada', 'PG', 104],
  ['small-planets', 'A Parade of Small Planets', 'PG', 131],
  ['orrery', 'Midnight at the Orrery', '15A', 126],
  ['low-tide', 'Low Tide, High Noon', '12A', 109],
  ['ferrymen', 'Ferrymen', '16', 142],
  [
    'long',
    'The Extraordinarily Long and Winding Title of the Cartographer Who Mapped Every Cinema',
    '12A',
    95,
  ],
].map(([filmId, title, rating, runtimeMin]) => ({
  filmId: String(filmId),
  title: String(title),
  rating: String(rating),
  runtimeMin: Number(runtimeMin),
  minAge: 0,
}));

const auditoriums: Programme['auditoriums'] = [
  'straight ahead, up the grand stairs',
  'straight ahead, past the mirrors',
  'on your left',
  'on your left, second door',
  'on your right',
  'upstairs, on your left',
  'upstairs, on your right',
].map((directions, index) => ({
  auditorium: String(index + 1),
  name: `Hall ${index + 1}`,
  directions,
  capacity: 200,
}));

const starts: readonly (readonly [filmId: string, hall: string, inMin: number])[] = [
  ['salt-lighthouse', '3', 13],
  ['orrery', '1', 23],
  ['ferrymen', '5', 38],
  ['nine-lanterns', '2', 48],
  ['long', '6', 63],
  ['small-planets', '4', 78],
  ['low-tide', '7', 93],
];

const shows = starts.map(([filmId, auditorium, inMin], index) => ({
  showNo: index + 1,
  filmId,
  auditorium,
  startsAtMs: Date.UTC(2026, 10, 21, 19, 42 + inMin),
}));
/** Four halls fill at once. */
const busyShows = shows.map((show, index) => ({
  ...show,
  startsAtMs: Date.UTC(2026, 10, 21, 19, index < 4 ? 50 + index : 100 + index),
}));

/** Live state that does not get old while the pictures are taken. */
const toldMs = galleryMs + 30 * minuteMs;
const told = (count: number) => ({ count, atMs: toldMs });

const live: Partial<LiveView> = {
  sold: { 1: told(96), 2: told(192), 3: told(200), 4: told(40), 5: told(180), 6: told(22) },
  admitted: { 1: told(61), 2: told(34) },
  waiting: { 'gate-1': told(4), 'gate-2': told(17), 'gate-3': told(9) },
  delays: [{ showNo: 3, delayMin: 10, atMs: galleryMs }],
  gates: ['gate-1', 'gate-2', 'gate-3', 'gate-4'].map((node) => ({
    node,
    open: node !== 'gate-4',
    atMs: toldMs,
  })),
};

type Board = Extract<Item['content'], { kind: 'board' }>['board'];

interface Plan {
  readonly board: Board | null;
  readonly words: readonly string[];
  readonly data?: Item['data'];
  readonly auditorium?: string;
  readonly live?: Partial<LiveView>;
  readonly portrait?: boolean;
  readonly shows?: typeof shows;
}

const menu: Item['data'] = {
  headline: 'At the bar',
  sections: [
    {
      title: 'Popcorn',
      lines: [
        { name: 'Small', price: '€4.50' },
        { name: 'Large', note: 'with real butter', price: '€6.50' },
        { name: 'Sweet and salted, for the undecided', price: '€6.50' },
      ],
    },
    {
      title: 'Drinks',
      lines: [
        { name: 'Still or sparkling water', price: '€2.50' },
        { name: 'House lemonade', price: '€3.80' },
        { name: 'Coffee', note: 'until the last show', price: '€3.20' },
      ],
    },
    {
      title: 'To share',
      lines: [
        { name: 'Nachos for two', price: '€8.90' },
        { name: 'Film and popcorn', note: 'with a ticket', price: '€15.00' },
      ],
    },
  ],
  footer: 'Ask us about allergens.',
};

const emergency = (kind: Emergency['kind'], text: string): Partial<LiveView> => ({
  emergencies: [
    {
      emergencyId: '0197c1de-6a5b-7d5a-9c4e-1f6d2b3a4c5d',
      active: true,
      kind,
      text,
      screens: [],
      by: 'duty manager',
      atMs: galleryMs,
    },
  ],
});

const plans: Readonly<Record<string, Plan>> = {
  showtimes: {
    board: 'showtimes',
    words: ['The Salt Lighthouse', 'Sold out', '19:55', '10 minutes'],
  },
  'door-now-seating': {
    board: 'door',
    auditorium: '3',
    portrait: true,
    words: ['Hall 3', 'The Salt Lighthouse', '12A', '19:55', 'Now seating'],
  },
  'door-late': {
    board: 'door',
    auditorium: '6',
    live: { delays: [{ showNo: 5, delayMin: 10, atMs: galleryMs }] },
    words: ['Hall 6', 'Cartographer', 'Running 10 minutes late', '20:55'],
  },
  wayfinding: { board: 'wayfinding', words: ['Hall 1', 'on your right', 'Ferrymen'] },
  queue: { board: 'queue', words: ['Gate 1', '4 waiting', 'Shortest queue', 'Closed'] },
  'queue-busy': { board: 'queue', shows: busyShows, words: ['Gate 4', 'Hall 1', 'Hall 2'] },
  menu: {
    board: 'menu',
    data: menu,
    words: ['Popcorn', 'with real butter', '€15.00', 'allergens'],
  },
  promotion: {
    board: 'promotion',
    data: {
      over: 'Before the film',
      headline: 'Popcorn and a drink',
      text: 'Large popcorn with any soft drink, until the lights go down.',
      price: '€9.00',
      small: 'At the bar, on your right',
    },
    words: ['Popcorn and a drink', '€9.00', 'At the bar'],
  },
  countdown: {
    board: 'countdown',
    auditorium: '3',
    words: ['The Salt Lighthouse', '19:55'],
  },
  fallback: { board: null, words: ['The Halcyon', '19:4'] },
  evacuate: { board: 'menu', live: emergency('evacuate', ''), words: ['Leave the building now'] },
  shelter: {
    board: 'menu',
    live: emergency('shelter', 'Severe storm. Stay away from the glass front until we tell you.'),
    words: ['Stay inside', 'Severe storm'],
  },
  message: {
    board: 'menu',
    live: emergency('message', 'The car park closes at 23:30 tonight.'),
    words: ['The car park closes at 23:30 tonight.'],
  },
};

/** Every template of a house. */
export const gallery: readonly GalleryCase[] = Object.entries(plans).map(([name, plan]) => {
  const content = { kind: 'board', board: plan.board ?? 'menu' } as const;
  const item = { itemId: name, content, data: plan.data ?? {}, durationMs: 60 * minuteMs };
  return {
    name,
    programme: makeProgramme({
      screens: [{ screenId: 'gallery-1', auditorium: plan.auditorium ?? null }],
      items: [item],
      campaigns: plan.board === null ? [] : [{ campaignId: 'all', items: [name] }],
      films,
      auditoriums,
      shows: plan.shows ?? shows,
    }),
    live: { ...live, emergencies: [], ...plan.live },
    words: plan.words,
    portrait: plan.portrait ?? false,
  };
});
