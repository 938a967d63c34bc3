/**
 * The cloud end as a library: seeding for tests and benches, and the port of other booking systems.
 */
export type { BookingSource, SourceChange } from './domain/ports.ts';
export type { DatabaseConfig } from './adapters/store/database.ts';
export { importFrom } from './services/import.ts';
export {
  seedInto,
  seedTickets,
  type SeedBooking,
  type SeededBooking,
  type SeedTarget,
  type SeedTicketsOptions,
} from './seed.ts';
