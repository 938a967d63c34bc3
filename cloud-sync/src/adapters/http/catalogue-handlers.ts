import type { catalogueOperations } from '@foyer/contracts';
import type { Handlers } from '@foyer/platform/http';

import type { CatalogueService } from '../../services/catalogue-service.ts';

/** The catalogue's operations on its service. */
export function catalogueHandlers(
  catalogue: CatalogueService,
): Handlers<typeof catalogueOperations> {
  return {
    putTheatre: ({ params, body }) => catalogue.putTheatre(params.theatreNo, body),
    listTheatres: async () => ({ theatres: await catalogue.listTheatres() }),
    putAuditorium: ({ params, body }) =>
      catalogue.putAuditorium(params.theatreNo, params.auditorium, body),
    putFilm: ({ params, body }) => catalogue.putFilm(params.theatreNo, params.filmId, body),
    putShow: ({ params, body }) => catalogue.putShow(params.theatreNo, params.showNo, body),
    changeShow: ({ params, body }) => catalogue.changeShow(params.theatreNo, params.showNo, body),
    listShows: async ({ params }) => ({ shows: await catalogue.listShows(params.theatreNo) }),
    seats: async ({ params }) => ({
      seats: await catalogue.seats(params.theatreNo, params.showNo),
    }),
    putNodes: ({ params, body }) => catalogue.putNodes(params.theatreNo, body),
  };
}
