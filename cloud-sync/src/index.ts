/**
 * The cloud end as a library: a cloud worker as a part of another program, seeding for tests
 * and benches, and the port of other booking systems.
 */
export type { BookingSource, SourceChange } from './domain/ports.ts';
export { openStore, type DatabaseConfig, type Store } from './adapters/store/database.ts';
export { compactFeeds } from './adapters/store/feed-store.ts';
export { httpPayment } from './adapters/payment/http-payment.ts';
export { Cloud, type CloudDeps } from './cloud.ts';
export { loadCloudConfig } from './config.ts';
export { write, type ServiceContext } from './services/context.ts';
export { changeOf } from './domain/feed-rows.ts';
export { seedBookings } from './services/seed-bookings.ts';
export { importFrom } from './services/import.ts';
export {
  seedInto,
  seedTickets,
  type SeedBooking,
  type SeededBooking,
  type SeedTarget,
  type SeedTicketsOptions,
} from './seed.ts';
