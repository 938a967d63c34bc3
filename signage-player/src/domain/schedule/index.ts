export { slotAt, timeline } from './schedule.ts';
export type { Exclusion, ExclusionCode, InclusionCode, Slot } from './slot.ts';
export { doorState } from './door.ts';
export type { DoorPhase, DoorState } from './door.ts';
export { boardData } from './boards.ts';
export type { Availability, BoardData, QueueLine, ShowtimesLine } from './boards.ts';
export { clockText, isoInZone } from './zone.ts';
export * from '../ads/index.ts';
