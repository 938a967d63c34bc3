export type { BookingSource, SourceChange } from './domain/ports.ts';
