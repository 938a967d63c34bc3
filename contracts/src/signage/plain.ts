import type { Campaign, Item, Screen } from './content.ts';

/** An item of which nothing more is said: the house's own, ten seconds, for everybody, always. */
export const plainItem: Omit<Item, 'itemId' | 'name' | 'content'> = {
  data: {},
  durationMs: 10_000,
  advertiser: null,
  category: null,
  minAge: 0,
  legalHours: null,
};

/** A campaign of which nothing more is said: active, on every screen, always, one share. */
export const plainCampaign: Omit<Campaign, 'campaignId' | 'name' | 'items'> = {
  status: 'active',
  slot: 'loop',
  target: { screens: [], kinds: [], groups: [], tags: [] },
  priority: 10,
  weight: 1,
  dates: { from: null, to: null },
  weekdays: [],
  dayparts: [],
  shows: null,
  conditions: [],
  fallbackItem: null,
  capPerHour: null,
  separationS: 0,
};

/** A display of which nothing more is said: full HD, of the whole house, on. */
export const plainScreen: Omit<Screen, 'screenId' | 'name' | 'kind' | 'nodeId'> = {
  auditorium: null,
  groups: [],
  tags: [],
  widthPx: 1920,
  heightPx: 1080,
  mode: 'normal',
};
