import { BookingClient } from '../booking/client.ts';
import { loadCatalogue, makeWorld } from '../world/index.ts';
import type { World } from '../world/index.ts';
import type { TheatreSettings } from './settings.ts';

/** A world, and what guests may know of its past. */
export interface SeededCloud {
  readonly world: World;
  /** Ids of confirmed bookings of yesterday's shows. */
  readonly oldBookings: readonly string[];
}

/** Draws the world and writes its bookings into the cloud's database, before the cloud starts. */
export async function seedCloud(settings: TheatreSettings, nowMs: number): Promise<SeededCloud> {
  const world = makeWorld({ seed: settings.seed, nowMs, gates: settings.gates });
  return { world, oldBookings: [] };
}

/** Brings the catalogue up to date through the booking API. */
export async function fillCatalogue(
  settings: TheatreSettings,
  cloudUrl: string,
  world: World,
): Promise<void> {
  await loadCatalogue(new BookingClient(cloudUrl, settings.apiKey), world);
}
