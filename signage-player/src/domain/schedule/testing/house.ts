import { plainCampaign, plainItem, plainScreen } from '@foyer/contracts';
import type { Campaign, Item, LiveView, Programme, Screen } from '@foyer/contracts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;

/** A house of which nobody has told anything. */
export const silent: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};

/** An item of ten seconds that may always be on. */
export const itemOf = (itemId: string, more: Partial<Item> = {}): Item => ({
  ...plainItem,
  itemId,
  name: itemId,
  content: { kind: 'board', board: 'promotion' },
  ...more,
});

/** A campaign for every screen, always on, with the item of its own name. */
export const campaignOf = (
  campaignId: string,
  more: Partial<Omit<Campaign, 'target'>> & { target?: Partial<Campaign['target']> } = {},
): Campaign => ({
  ...plainCampaign,
  campaignId,
  name: campaignId,
  items: [campaignId],
  ...more,
  target: { ...plainCampaign.target, ...more.target },
});

export const screenOf = (screenId: string, more: Partial<Screen> = {}): Screen => ({
  ...plainScreen,
  screenId,
  name: screenId,
  kind: 'lobby',
  nodeId: 'screen-1',
  ...more,
});

/** A show of the film `tide` in auditorium 1, an hour and a half long. */
export const showOf = (
  showNo: number,
  startsAtMs: number,
  more: Partial<Programme['shows'][number]> = {},
): Programme['shows'][number] => ({
  showNo,
  filmId: 'tide',
  auditorium: '1',
  startsAtMs,
  delayMin: 0,
  status: 'scheduled',
  configEpoch: 1,
  ...more,
});

const film = (filmId: string, minAge: number): Programme['films'][number] => ({
  filmId,
  title: filmId,
  runtimeMin: 90,
  rating: minAge === 0 ? 'G' : String(minAge),
  minAge,
});

interface HouseRequest extends Partial<
  Pick<Programme, 'screens' | 'items' | 'campaigns' | 'shows' | 'media'>
> {
  readonly timeZone?: string;
}

/** A programme; every campaign gets the items that it names unless others are given. */
export function houseOf({ timeZone = 'America/Chicago', ...rows }: HouseRequest): Programme {
  const campaigns = rows.campaigns ?? [];
  const named = campaigns.flatMap(({ items, fallbackItem }) => [
    ...items,
    ...(fallbackItem === null ? [] : [fallbackItem]),
  ]);
  const given = rows.items ?? [];
  const missing = [...new Set(named)].filter(
    (itemId) => !given.some((item) => item.itemId === itemId),
  );
  return {
    hash: '0'.repeat(64),
    theatre: {
      theatreNo: 7,
      name: 'Test house',
      timeZone,
      currency: 'USD',
      doorsOpenBeforeMin: 30,
      doorsCloseAfterMin: 40,
      staleAfterMin: 30,
      classes: { default: { mode: 'open' } },
    },
    signage: {
      theatreNo: 7,
      brand: { name: 'Test house', ground: '#000000', accent: '#ffffff' },
      featureAfterStartMin: 10,
      lastCallBeforeFeatureMin: 5,
      cleaningMin: 15,
    },
    screens: rows.screens ?? [screenOf('lobby-1')],
    auditoriums: ['1', '2'].map((auditorium) => ({
      auditorium,
      name: `Hall ${auditorium}`,
      directions: '',
      capacity: 100,
    })),
    films: [film('tide', 0), film('orrery', 15), film('glass', 18)],
    shows: rows.shows ?? [],
    media: rows.media ?? [],
    items: [...given, ...missing.map((itemId) => itemOf(itemId))],
    campaigns,
  };
}
