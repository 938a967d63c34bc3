import type { FeedRow, ShowNo, TheatreNo } from '@foyer/contracts';
import type { Clock, Logger, Random } from '@foyer/platform';
import { ed25519Signer, nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';

import { openStore, type DatabaseConfig, type Store } from './adapters/store/database.ts';
import { FeedWriter } from './adapters/store/feed-writer.ts';
import type { TicketSigner } from './domain/ports.ts';
import { seatNames, type SeatMap } from './domain/seats.ts';
import { CatalogueService } from './services/catalogue-service.ts';
import type { ServiceContext } from './services/context.ts';
import { seedBookings, type SeedBooking, type SeededBooking } from './services/seed-bookings.ts';

export type { SeedBooking, SeededBooking } from './services/seed-bookings.ts';

/** Writes into a cloud database that no worker has open. */
export interface SeedTarget {
  database: DatabaseConfig;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

async function withContext<T>(
  target: SeedTarget,
  work: (context: ServiceContext) => Promise<T>,
): Promise<T> {
  const logger = target.logger ?? pinoLogger({ level: 'warn', node: 'seed' });
  const random = target.random ?? nodeRandom();
  const store: Store = await openStore(target.database, logger);
  try {
    const feeds = await FeedWriter.open(store, random);
    const clock = target.clock ?? nodeClock();
    return await work({ store, feeds, clock, random, logger, announce: () => {} });
  } finally {
    await store.close();
  }
}

/** Writes confirmed bookings of shows that are in the catalogue or will be put there. */
export function seedInto(
  target: SeedTarget,
  theatreNo: TheatreNo,
  bookings: Iterable<SeedBooking>,
): Promise<SeededBooking[]> {
  return withContext(target, (context) => seedBookings(context, theatreNo, bookings));
}

export interface SeedTicketsOptions extends SeedTarget {
  theatreNo: TheatreNo;
  /** How many tickets, each of one seat. */
  tickets: number;
  /** Ed25519 seed, base64url, and the number of the key that the cloud worker signs with. */
  signingKey: string;
  keyId: number;
  nodes: readonly FeedRow<'node'>[];
  /** When the first show starts; the others follow by 5 minutes. Default: in 20 minutes. */
  firstShowMs?: number;
}

const seatMap: SeatMap = {
  rows: Array.from('ABCDEFGHIJKLMNOPQRST', (row) => ({ row, seats: 25 })),
};
const auditoriums = 8;
const partySizes = [2, 1, 2, 4, 2, 3];
const priceMinor = 1250;
const currency = 'EUR';

function* partiesOf(tickets: number): Generator<SeedBooking> {
  const seats = seatNames(seatMap);
  let left = tickets;
  for (let showNo = 1; left > 0; showNo += 1) {
    let taken = 0;
    for (let at = 0; taken < seats.length && left > 0; at += 1) {
      const size = Math.min(partySizes[at % partySizes.length] ?? 1, left, seats.length - taken);
      yield { showNo, seats: seats.slice(taken, taken + size), priceMinor, currency };
      taken += size;
      left -= size;
    }
  }
}

async function putHouse(
  catalogue: CatalogueService,
  options: SeedTicketsOptions,
  shows: readonly ShowNo[],
  firstShowMs: number,
): Promise<void> {
  const { theatreNo } = options;
  await catalogue.putTheatre(theatreNo, {
    theatreNo,
    name: 'Lumen',
    timeZone: 'Europe/Berlin',
    currency,
    doorsOpenBeforeMin: 1440,
    doorsCloseAfterMin: 1440,
    staleAfterMin: 1440,
    classes: { default: { mode: 'open' } },
  });
  await catalogue.putNodes(theatreNo, { nodes: [...options.nodes] });
  const film = {
    filmId: 'film-1',
    title: 'The Long Shore',
    runtimeMin: 110,
    rating: '0',
    minAge: 0,
  };
  await catalogue.putFilm(theatreNo, film.filmId, film);
  for (let number = 1; number <= auditoriums; number += 1) {
    const auditorium = `a${number}`;
    const room = { auditorium, name: `Screen ${number}`, directions: 'straight on', seatMap };
    await catalogue.putAuditorium(theatreNo, auditorium, room);
  }
  for (const showNo of shows) {
    await catalogue.putShow(theatreNo, showNo, {
      showNo,
      filmId: film.filmId,
      auditorium: `a${((showNo - 1) % auditoriums) + 1}`,
      startsAtMs: firstShowMs + (showNo - 1) * 300_000,
      priceMinor,
    });
  }
}

/**
 * Makes a theatre with as many full shows as `tickets` need (500 seats each, 8 auditoriums) and
 * sells every seat, straight into the database. For tests and benches; the feeds are complete.
 */
export function seedTickets(options: SeedTicketsOptions): Promise<SeededBooking[]> {
  return withContext(options, async (context) => {
    const signer: TicketSigner = { ...ed25519Signer(options.signingKey), keyId: options.keyId };
    const catalogue = new CatalogueService(context, signer);
    const bookings = [...partiesOf(options.tickets)];
    const shows = [...new Set(bookings.map((booking) => booking.showNo))];
    const firstShowMs = options.firstShowMs ?? context.clock.nowMs() + 1_200_000;
    await putHouse(catalogue, options, shows, firstShowMs);
    return seedBookings(context, options.theatreNo, bookings);
  });
}
