import { createHash } from 'node:crypto';

import { catalogueOperations, contentOperations } from '@foyer/contracts';

import type { BookingClient } from '../booking/client.ts';
import type { WorldSignage } from './signage.ts';
import type { World } from './world.ts';

/** Puts theatre, halls, films, shows and nodes into the cloud, as an operator would. */
export async function loadCatalogue(client: BookingClient, world: World): Promise<void> {
  const { theatreNo } = world.theatre;
  const put = catalogueOperations;
  await client.call(put.putTheatre, { params: { theatreNo }, body: world.theatre });
  await client.call(put.putNodes, { params: { theatreNo }, body: { nodes: world.nodes } });
  await Promise.all([
    ...world.halls.map((hall) =>
      client.call(put.putAuditorium, {
        params: { theatreNo, auditorium: hall.auditorium },
        body: hall,
      }),
    ),
    ...world.films.map((film) =>
      client.call(put.putFilm, { params: { theatreNo, filmId: film.filmId }, body: film }),
    ),
  ]);
  await Promise.all(
    world.shows.map(({ show }) =>
      client.call(put.putShow, { params: { theatreNo, showNo: show.showNo }, body: show }),
    ),
  );
}

/** Puts screens, their files, items and campaigns there; nothing where the world has no screens. */
export async function loadSignage(client: BookingClient, world: World): Promise<void> {
  const { signage } = world;
  if (signage === null) return;
  const { theatreNo } = world.theatre;
  // The screens come before the files: the cloud prepares pictures for the sizes that it knows.
  const put = contentOperations;
  await client.call(put.putSignage, { params: { theatreNo }, body: signage.settings });
  await client.call(put.putScreens, {
    params: { theatreNo },
    body: { screens: [...signage.screens] },
  });
  const files = new Map<string, string>();
  for (const { key, name, make } of signage.media) {
    const bytes = await make();
    if (bytes === null) continue;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await client.call(put.putMedia, { params: { theatreNo, sha256 }, query: { name }, bytes });
    files.set(key, sha256);
  }
  const items = signage.items((key) => files.get(key) ?? null);
  await Promise.all(
    items.map((item) =>
      client.call(put.putItem, { params: { theatreNo, itemId: item.itemId }, body: item }),
    ),
  );
  for (const campaign of campaignsOf(signage, new Set(items.map(({ itemId }) => itemId)))) {
    const { campaignId } = campaign;
    await client.call(put.putCampaign, { params: { theatreNo, campaignId }, body: campaign });
  }
}

/** The campaigns as far as there are items for them. */
export function campaignsOf(
  signage: WorldSignage,
  items: ReadonlySet<string>,
): WorldSignage['campaigns'] {
  return signage.campaigns
    .map((campaign) => ({ ...campaign, items: campaign.items.filter((id) => items.has(id)) }))
    .filter((campaign) => campaign.items.length > 0);
}
