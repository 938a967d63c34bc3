import { plainCampaign, type Campaign } from '@foyer/contracts';

import { films } from './films.ts';

const campaign = (
  campaignId: string,
  name: string,
  items: readonly string[],
  more: Partial<Omit<Campaign, 'target'>> & { target?: Partial<Campaign['target']> },
): Campaign => ({
  ...plainCampaign,
  campaignId,
  name,
  items: [...items],
  ...more,
  target: { ...plainCampaign.target, ...more.target },
});

const house: readonly Campaign[] = [
  campaign('house-boards', 'House boards', ['showtimes', 'halls'], {
    target: { kinds: ['lobby', 'box-office'] },
    weight: 6,
  }),
  campaign('door-signs', 'Door signs', ['door-sign'], { target: { kinds: ['door'] } }),
  campaign('corridor-ways', 'The way to the halls', ['halls', 'countdown'], {
    target: { kinds: ['corridor'] },
    weight: 4,
  }),
  campaign('bar-menu', 'Bar menu', ['menu-food', 'menu-drinks'], {
    target: { kinds: ['menu'] },
    weight: 12,
  }),
  campaign(
    'now-showing',
    'Now showing',
    films.slice(0, 5).map((film) => `poster-${film.filmId}`),
    {
      target: { kinds: ['poster'] },
      weight: 6,
    },
  ),
  campaign('house-reel', 'House reel', ['reel'], { target: { kinds: ['lobby'] }, weight: 1 }),
  campaign('busy-gates', 'Queues, while people wait', ['queue'], {
    target: { kinds: ['lobby', 'box-office'] },
    weight: 2,
    conditions: [{ metric: 'waiting', is: 'at-least', value: 1, maxAgeS: 60 }],
    fallbackItem: 'club-card',
  }),
];

const aroundShows: readonly Campaign[] = [
  campaign('snacks', 'Snacks, 20 to 5 minutes before a show', ['popcorn-deal'], {
    target: { kinds: ['lobby', 'corridor', 'menu'] },
    weight: 3,
    shows: {
      from: { of: 'start', offsetMin: -20 },
      to: { of: 'start', offsetMin: -5 },
      auditoriums: [],
      films: [],
    },
  }),
  campaign('last-call', 'Last call for Halls 2 and 5', ['last-call'], {
    target: { kinds: ['corridor'] },
    priority: 40,
    shows: {
      from: { of: 'feature', offsetMin: -5 },
      to: { of: 'feature', offsetMin: 0 },
      auditoriums: ['2', '5'],
      films: [],
    },
  }),
  campaign('late-night', 'Late and for adults', ['copper-still'], {
    target: { kinds: ['door', 'poster'] },
    slot: 'promotion',
    shows: {
      from: { of: 'doors-open', offsetMin: 0 },
      to: { of: 'feature', offsetMin: 0 },
      auditoriums: [],
      films: ['glasshouse'],
    },
    capPerHour: 12,
  }),
];

const promotions: readonly Campaign[] = [
  campaign('club', 'Halcyon Club', ['club-card'], {
    target: { kinds: ['lobby', 'corridor', 'box-office'] },
    slot: 'promotion',
    weight: 2,
  }),
  campaign('brightfizz', 'Brightfizz', ['brightfizz'], {
    target: { kinds: ['lobby', 'box-office', 'corridor', 'menu'] },
    slot: 'promotion',
    weight: 3,
    capPerHour: 20,
    separationS: 60,
  }),
  campaign('colacrest', 'Colacrest', ['colacrest'], {
    target: { kinds: ['lobby', 'box-office', 'corridor', 'menu'] },
    slot: 'promotion',
    weight: 2,
    capPerHour: 12,
    separationS: 90,
  }),
  campaign('weekend-gifts', 'Gift cards at weekends', ['gift-card'], {
    target: { groups: ['front'], tags: ['large'] },
    slot: 'promotion',
    weight: 2,
    weekdays: [6, 7],
    dayparts: [{ from: '10:00', to: '02:00' }],
  }),
  campaign('spring', 'Spring season (paused)', ['club-card'], {
    target: { kinds: ['lobby'] },
    status: 'paused',
    dates: { from: '2027-03-01', to: '2027-05-31' },
  }),
];

/** Campaigns that show between them all that the schedule can do. */
export const campaigns: readonly Campaign[] = [...house, ...aroundShows, ...promotions];
