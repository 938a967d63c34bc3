import { createHash } from 'node:crypto';

import { programmeSchema } from '@foyer/contracts';
import type { LiveView, Media, Programme } from '@foyer/contracts';

import { capacityOf } from './halls.ts';
import { campaignsOf } from './load.ts';
import { makeWorld } from './world.ts';

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const oneKiB = 1024;

const placeholder = (key: string, name: string): Media => ({
  sha256: sha256Of(key),
  name,
  kind: key === 'reel' ? 'video' : 'image',
  mime: key === 'reel' ? 'video/webm' : 'image/png',
  sizeBytes: oneKiB,
  widthPx: 1920,
  heightPx: 1080,
  durationMs: key === 'reel' ? 6000 : null,
  thumbprint: null,
  renditions: [],
});

/** A house of which nobody has told anything yet. */
export const silentHouse: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};

/**
 * What the screens of the seeded theatre would be given, without a cloud or an agent: its files are
 * named, not made.
 * @param nowMs shows lie around it, as `makeWorld` has it.
 */
export function seededProgramme(request: { seed: number; nowMs: number }): Programme {
  const world = makeWorld({ ...request, gates: 4, boxes: 2 });
  const { signage } = world;
  if (signage === null) throw new RangeError('a world with boxes has screens');
  const items = signage.items(sha256Of);
  const rows = {
    theatre: world.theatre,
    signage: signage.settings,
    screens: [...signage.screens],
    auditoriums: world.halls.map((hall) => ({
      auditorium: hall.auditorium,
      name: hall.name,
      directions: hall.directions,
      capacity: capacityOf(hall),
    })),
    films: [...world.films],
    shows: world.shows.map(({ show }) => ({
      showNo: show.showNo,
      filmId: show.filmId,
      auditorium: show.auditorium,
      startsAtMs: show.startsAtMs,
      delayMin: 0,
      status: 'scheduled',
      configEpoch: 1,
    })),
    media: signage.media.map(({ key, name }) => placeholder(key, name)),
    items,
    campaigns: [...campaignsOf(signage, new Set(items.map(({ itemId }) => itemId)))],
  };
  return programmeSchema.parse({ ...rows, hash: sha256Of(JSON.stringify(rows)) });
}
