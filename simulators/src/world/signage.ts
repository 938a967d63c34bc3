import { plainItem, plainScreen } from '@foyer/contracts';
import type { Campaign, Item, Screen, Signage } from '@foyer/contracts';

import { drawPicture, makeFilm } from './artwork.ts';
import type { Artwork } from './artwork.ts';
import { campaigns } from './campaigns.ts';
import { films } from './films.ts';

/** A file that the seeding makes, by the key that items name it with. */
export interface SeededMedia {
  readonly key: string;
  readonly name: string;
  /** Its bytes; null where this machine cannot make it. */
  readonly make: () => Promise<Buffer | null>;
}

/** What the screens of the seeded theatre show, and which screens there are. */
export interface WorldSignage {
  readonly settings: Signage;
  readonly screens: readonly Screen[];
  readonly media: readonly SeededMedia[];
  /**
   * The items; those whose file is missing are left out.
   * @param sha256Of the file of a key, or null.
   */
  readonly items: (sha256Of: (key: string) => string | null) => Item[];
  readonly campaigns: readonly Campaign[];
}

const screen = (
  screenId: string,
  name: string,
  kind: Screen['kind'],
  size: readonly [number, number],
  more: Partial<Screen> = {},
): Omit<Screen, 'nodeId'> => ({
  ...plainScreen,
  screenId,
  name,
  kind,
  widthPx: size[0],
  heightPx: size[1],
  ...more,
});

const wide = [1920, 1080] as const;
const tall = [1080, 1920] as const;

// Three to a box, in this order.
const plans = [
  screen('lobby-1', 'Lobby wall', 'lobby', wide, { groups: ['front'], tags: ['large'] }),
  screen('menu-1', 'Bar menu', 'menu', wide, { groups: ['bar'] }),
  screen('box-office-1', 'Box office', 'box-office', wide, { groups: ['front'] }),
  screen('door-3', 'Door of Hall 3', 'door', tall, { auditorium: '3', groups: ['halls'] }),
  screen('poster-1', 'Poster by the stairs', 'poster', tall, { groups: ['halls'] }),
  screen('corridor-1', 'Corridor to the halls', 'corridor', wide, { groups: ['halls'] }),
];

const screensPerBox = 3;

const pictures: Readonly<Record<string, Artwork>> = {
  'club-card': {
    title: 'Halcyon Club',
    line: 'Ten films, one card',
    widthPx: 1920,
    heightPx: 1080,
    hue: 205,
  },
  'gift-card': {
    title: 'Give an evening',
    line: 'Gift cards at the box office',
    widthPx: 1920,
    heightPx: 1080,
    hue: 340,
  },
  brightfizz: {
    title: 'Brightfizz',
    line: 'Lemon, loud and clear',
    widthPx: 1920,
    heightPx: 1080,
    hue: 55,
  },
  colacrest: {
    title: 'Colacrest',
    line: 'Since the silent era',
    widthPx: 1920,
    heightPx: 1080,
    hue: 8,
  },
  'copper-still': {
    title: 'Copper Still',
    line: 'Slow whiskey for late films · 18+',
    widthPx: 1080,
    heightPx: 1920,
    hue: 28,
  },
  ...Object.fromEntries(
    films.slice(0, 5).map(({ filmId, title, rating }, index) => [
      `poster-${filmId}`,
      {
        title,
        line: `Now showing · ${rating}`,
        widthPx: 1080,
        heightPx: 1920,
        hue: 30 + 67 * index,
      },
    ]),
  ),
};

const item = (
  itemId: string,
  name: string,
  content: Item['content'],
  durationS: number,
  more: Partial<Item> = {},
): Item => ({
  ...plainItem,
  itemId,
  name,
  content,
  durationMs: durationS * 1000,
  ...more,
});

const board = (name: Extract<Item['content'], { kind: 'board' }>['board']): Item['content'] => ({
  kind: 'board',
  board: name,
});

const foodData: Item['data'] = {
  headline: 'At the bar',
  sections: [
    {
      title: 'Popcorn',
      lines: [
        { name: 'Small', price: '€4.50' },
        { name: 'Large', price: '€6.50' },
        { name: 'Sweet and salt', price: '€6.50' },
      ],
    },
    {
      title: 'To share',
      lines: [
        { name: 'Nachos for two', price: '€8.90' },
        { name: 'Film and popcorn', price: '€15.00', note: 'with a ticket' },
      ],
    },
  ],
};

const drinksData: Item['data'] = {
  headline: 'To drink',
  sections: [
    {
      title: 'Cold',
      lines: [
        { name: 'Water', price: '€2.50' },
        { name: 'Lemonade', price: '€3.80' },
        { name: 'Iced tea', price: '€3.80' },
      ],
    },
    {
      title: 'Hot',
      lines: [
        { name: 'Coffee', price: '€3.20', note: 'until the last show' },
        { name: 'Tea', price: '€2.80' },
      ],
    },
  ],
};

const boards: readonly Item[] = [
  item('showtimes', 'Showtimes', board('showtimes'), 20, { data: { headline: 'Tonight' } }),
  item('door-sign', 'Door sign', board('door'), 60),
  item('halls', 'The way to the halls', board('wayfinding'), 15),
  item('queue', 'Queues at the gates', board('queue'), 15),
  item('menu-food', 'Bar menu: food', board('menu'), 20, { data: foodData }),
  item('menu-drinks', 'Bar menu: drinks', board('menu'), 20, { data: drinksData }),
  item('popcorn-deal', 'Popcorn before the film', board('promotion'), 10, {
    data: {
      headline: 'Popcorn before the film',
      text: 'Large popcorn and a drink',
      price: '€9.00',
    },
  }),
  item('countdown', 'Until the film', board('countdown'), 15),
  item('last-call', 'Last call', board('countdown'), 15, {
    data: { headline: 'Last call' },
  }),
];

const media = (sha256: string): Item['content'] => ({ kind: 'media', sha256 });

const mediaItems: readonly [key: string, item: (sha256: string) => Item][] = [
  ['club-card', (file) => item('club-card', 'Halcyon Club', media(file), 10)],
  ['gift-card', (file) => item('gift-card', 'Gift cards', media(file), 10)],
  [
    'brightfizz',
    (file) =>
      item('brightfizz', 'Brightfizz', media(file), 10, {
        advertiser: 'Brightfizz',
        category: 'soft-drink',
      }),
  ],
  [
    'colacrest',
    (file) =>
      item('colacrest', 'Colacrest', media(file), 10, {
        advertiser: 'Colacrest',
        category: 'soft-drink',
      }),
  ],
  [
    'copper-still',
    (file) =>
      item('copper-still', 'Copper Still', media(file), 10, {
        advertiser: 'Copper Still',
        category: 'spirits',
        minAge: 18,
        legalHours: { from: '21:00', to: '06:00' },
      }),
  ],
  ...films
    .slice(0, 5)
    .map(({ filmId, title }): [string, (sha256: string) => Item] => [
      `poster-${filmId}`,
      (file) => item(`poster-${filmId}`, `Poster: ${title}`, media(file), 12),
    ]),
  ['reel', (file) => item('reel', 'House reel', media(file), 6)],
];

/** The six screens of the seeded theatre and their content, on these display boxes. */
export function makeSignage(theatreNo: number, boxes: readonly string[]): WorldSignage {
  return {
    settings: {
      theatreNo,
      brand: { name: 'The Halcyon', ground: '#0e1a2b', accent: '#f2b441' },
      featureAfterStartMin: 10,
      lastCallBeforeFeatureMin: 5,
      cleaningMin: 15,
    },
    screens: plans.flatMap((plan, index) => {
      const nodeId = boxes[Math.floor(index / screensPerBox) % Math.max(1, boxes.length)];
      return nodeId === undefined ? [] : [{ ...plan, nodeId }];
    }),
    media: [
      ...Object.entries(pictures).map(([key, artwork]) => ({
        key,
        name: artwork.title,
        make: () => drawPicture(artwork),
      })),
      { key: 'reel', name: 'House reel', make: makeFilm },
    ],
    items: (sha256Of) => [
      ...boards,
      ...mediaItems.flatMap(([key, make]) => {
        const sha256 = sha256Of(key);
        return sha256 === null ? [] : [make(sha256)];
      }),
    ],
    campaigns,
  };
}
