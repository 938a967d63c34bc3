import { plainCampaign, plainItem, plainScreen, programmeSchema } from '@foyer/contracts';
import type { Campaign, Programme } from '@foyer/contracts';
import { SimRandom } from '@foyer/platform/sim';

const halls = 10;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Of a hundred screens; each hall has a door sign of its own. */
const kinds = [
  ...Array.from({ length: halls }, () => 'door' as const),
  ...Array.from({ length: 30 }, () => 'lobby' as const),
  ...Array.from({ length: 25 }, () => 'poster' as const),
  ...Array.from({ length: 20 }, () => 'corridor' as const),
  ...Array.from({ length: 15 }, () => 'menu' as const),
];

const tags = ['north', 'south', 'large'];
const advertisers = 12;
const mostWeight = 200;

const base = { ...plainCampaign, slot: 'promotion' as const };

function campaignsOf(random: SimRandom): Campaign[] {
  const weight = (): number => 1 + Math.floor(random.float() ** 3 * mostWeight);
  const ads = Array.from({ length: advertisers }, (_, no): Campaign => {
    const id = `ad-${no}`;
    const target = { ...base.target, tags: no % 4 === 3 ? [tags[no % tags.length] ?? ''] : [] };
    const dayparts = no % 5 === 4 ? [{ from: '17:00', to: '01:00' }] : [];
    return { ...base, campaignId: id, name: id, items: [id], weight: weight(), target, dayparts };
  });
  const doors: Campaign = {
    ...base,
    campaignId: 'doors',
    name: 'doors',
    items: ['doors'],
    slot: 'loop',
    priority: 40,
    target: { ...base.target, kinds: ['door'] },
    shows: {
      from: { of: 'doors-open', offsetMin: 0 },
      to: { of: 'feature', offsetMin: 0 },
      auditoriums: [],
      films: [],
    },
  };
  const house = ['house-a', 'house-b'].map((id): Campaign => ({
    ...base,
    campaignId: id,
    name: id,
    items: [id],
    slot: 'loop',
    weight: 150,
  }));
  return [...house, ...ads, doors];
}

function showsOf(fromMs: number, days: number): Programme['shows'] {
  return Array.from({ length: days * halls * 5 }, (_, no) => {
    const [day, hall, turn] = [
      Math.floor(no / (halls * 5)),
      no % halls,
      Math.floor(no / halls) % 5,
    ];
    return {
      showNo: no + 1,
      filmId: 'film',
      auditorium: String(hall + 1),
      startsAtMs: fromMs + day * dayMs + 8 * hourMs + turn * 150 * 60_000 + hall * 300_000,
      delayMin: 0,
      status: 'scheduled',
      configEpoch: 1,
    };
  });
}

/** A theatre of up to a hundred screens, invented from a seed: ads of all weights, shows, doors. */
export function theatreOf(
  theatreNo: number,
  screens: number,
  days: number,
  fromMs: number,
): Programme {
  const random = new SimRandom(theatreNo);
  const campaigns = campaignsOf(random);
  return programmeSchema.parse({
    hash: theatreNo.toString(16).padStart(64, '0'),
    theatre: {
      theatreNo,
      name: `Theatre ${theatreNo}`,
      timeZone: ['America/Chicago', 'Europe/Dublin', 'Australia/Sydney'][theatreNo % 3],
      currency: 'USD',
      doorsOpenBeforeMin: 30,
      doorsCloseAfterMin: 40,
      staleAfterMin: 30,
      classes: { default: { mode: 'open' } },
    },
    signage: {
      theatreNo,
      brand: { name: 'Bench', ground: '#000000', accent: '#ffffff' },
      featureAfterStartMin: 10,
      lastCallBeforeFeatureMin: 5,
      cleaningMin: 15,
    },
    screens: kinds.slice(0, screens).map((kind, no) => ({
      ...plainScreen,
      screenId: `${kind}-${no}`,
      name: `${kind} ${no}`,
      kind,
      nodeId: `screen-${1 + (no % 20)}`,
      auditorium: kind === 'door' ? String(no + 1) : null,
      tags: no % 2 === 0 ? [tags[no % tags.length] ?? ''] : [],
    })),
    auditoriums: Array.from({ length: halls }, (_, no) => ({
      auditorium: String(no + 1),
      name: `Hall ${no + 1}`,
      directions: '',
      capacity: 200,
    })),
    films: [{ filmId: 'film', title: 'Film', runtimeMin: 100, rating: 'PG', minAge: 0 }],
    shows: showsOf(fromMs, days),
    media: [],
    items: campaigns.map(({ campaignId }) => ({
      ...plainItem,
      itemId: campaignId,
      name: campaignId,
      content: { kind: 'board', board: 'promotion' },
      ...(campaignId === 'doors' ? { durationMs: 60_000 } : {}),
    })),
    campaigns,
  });
}
