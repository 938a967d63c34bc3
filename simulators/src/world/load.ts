import { catalogueOperations } from '@foyer/contracts';

import type { BookingClient } from '../booking/client.ts';
import type { World } from './world.ts';

/** Puts theatre, halls, films, shows and nodes into the catalogue, as an operator would. */
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
