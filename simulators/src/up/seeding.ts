import { seedInto } from '@foyer/cloud-sync';
import { SimRandom } from '@foyer/platform/sim';

import { BookingClient } from '../booking/client.ts';
import { loadCatalogue, loadSignage, makeWorld, theatreNo } from '../world/index.ts';
import type { World } from '../world/index.ts';
import { cloudDatabase } from './settings.ts';
import type { TheatreSettings } from './settings.ts';

/** A world, and what guests may know of its past. */
export interface SeededCloud {
  readonly world: World;
  /** Ids of confirmed bookings of yesterday's shows. */
  readonly oldBookings: readonly string[];
}

/**
 * Draws the world and writes its bookings into the cloud's database, before the cloud starts: two
 * thousand through the booking API would take longer than anybody waits for a demonstration.
 */
export async function seedCloud(settings: TheatreSettings, nowMs: number): Promise<SeededCloud> {
  const world = makeWorld({
    seed: settings.seed,
    nowMs,
    gates: settings.gates,
    boxes: settings.boxes,
  });
  const { currency } = world.theatre;
  const prices = new Map(world.shows.map(({ show }) => [show.showNo, show.priceMinor]));
  const yesterday = new Set(
    world.shows.filter(({ phase }) => phase === 'yesterday').map(({ show }) => show.showNo),
  );
  const bookings = world.bookings.map((booking) => ({
    ...booking,
    currency,
    priceMinor: prices.get(booking.showNo) ?? 0,
  }));
  const target = {
    database: cloudDatabase(settings.dir),
    random: new SimRandom(settings.seed),
  };
  const seeded = await seedInto(target, theatreNo, bookings);
  const oldBookings = seeded
    .filter(({ showNo }) => yesterday.has(showNo))
    .map(({ bookingId }) => bookingId);
  return { world, oldBookings };
}

// A machine that is busy with something else may take long to start a dozen programs.
const patienceMs = 60_000;

/** Puts the content of the screens into the cloud. Pictures are drawn for it: it takes seconds. */
export async function fillScreens(
  settings: TheatreSettings,
  cloudUrl: string,
  world: World,
): Promise<void> {
  await loadSignage(new BookingClient(cloudUrl, settings.apiKey, patienceMs), world);
}

/** Brings the catalogue up to date through the booking API. */
export async function fillCatalogue(
  settings: TheatreSettings,
  cloudUrl: string,
  world: World,
): Promise<void> {
  await loadCatalogue(new BookingClient(cloudUrl, settings.apiKey, patienceMs), world);
}
