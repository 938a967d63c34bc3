import { createHash } from 'node:crypto';

import { plainCampaign, plainItem, plainScreen, programmeSchema } from '@foyer/contracts';
import type { Campaign, Item, Media, Programme, Screen } from '@foyer/contracts';

/** A house for tests: whatever is not given is as here. */
export interface HouseParts {
  readonly screens: readonly Partial<Screen>[];
  readonly items: readonly (Partial<Item> & Pick<Item, 'itemId' | 'content'>)[];
  readonly media?: readonly Media[];
  /** Items by screen; the default is all items on every screen, in their order. */
  readonly campaigns?: readonly (Partial<Campaign> & Pick<Campaign, 'campaignId' | 'items'>)[];
  readonly shows?: readonly Partial<Programme['shows'][number]>[];
  readonly timeZone?: string;
  readonly brand?: Programme['signage']['brand'];
  readonly films?: Programme['films'];
  readonly auditoriums?: Programme['auditoriums'];
}

const halls: Programme['auditoriums'] = [
  { auditorium: '1', name: 'Hall 1', directions: 'straight ahead', capacity: 200 },
  { auditorium: '2', name: 'Hall 2', directions: 'on your left', capacity: 120 },
  { auditorium: '3', name: 'Hall 3', directions: 'upstairs, on your right', capacity: 80 },
];

const films: Programme['films'] = [
  {
    filmId: 'lighthouse',
    title: 'The Salt Lighthouse',
    runtimeMin: 118,
    rating: '12A',
    minAge: 0,
  },
  { filmId: 'ferrymen', title: 'Ferrymen', runtimeMin: 142, rating: '16', minAge: 16 },
];

const anyShow = {
  showNo: 1,
  filmId: 'lighthouse',
  auditorium: '1',
  startsAtMs: 0,
  delayMin: 0,
  status: 'scheduled',
  configEpoch: 1,
} as const;

const anyScreen: Screen = {
  ...plainScreen,
  screenId: 'lobby-1',
  name: 'Lobby wall',
  kind: 'lobby',
  nodeId: 'screen-1',
  widthPx: 1280,
  heightPx: 720,
};

const anyItem = { ...plainItem, name: 'An item', durationMs: 3000 };
const anyCampaign = { ...plainCampaign, name: 'A campaign', priority: 0 };

/** A whole programme of a small house. */
export function makeProgramme(parts: HouseParts): Programme {
  const items = parts.items.map((item) => ({ ...anyItem, ...item }));
  const all = [{ campaignId: 'all', items: items.map(({ itemId }) => itemId).slice(0, 16) }];
  const body = {
    theatre: {
      theatreNo: 1,
      name: 'The Halcyon',
      timeZone: parts.timeZone ?? 'Europe/Dublin',
      currency: 'EUR',
      doorsOpenBeforeMin: 30,
      doorsCloseAfterMin: 30,
      staleAfterMin: 240,
      classes: { default: { mode: 'open' } },
    },
    signage: {
      theatreNo: 1,
      brand: parts.brand ?? { name: 'The Halcyon', ground: '#0e1a2b', accent: '#f2b441' },
      featureAfterStartMin: 10,
      lastCallBeforeFeatureMin: 5,
      cleaningMin: 15,
    },
    screens: parts.screens.map((screen) => ({ ...anyScreen, ...screen })),
    auditoriums: parts.auditoriums ?? halls,
    films: parts.films ?? films,
    shows: (parts.shows ?? []).map((show, index) => ({ ...anyShow, showNo: index + 1, ...show })),
    media: parts.media ?? [],
    items,
    campaigns: (parts.campaigns ?? all).map((campaign) => ({ ...anyCampaign, ...campaign })),
  };
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return programmeSchema.parse({ hash, ...body });
}
