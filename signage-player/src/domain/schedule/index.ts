export { slotAt, timeline, walk } from './schedule.ts';
export type { ScheduleOptions, VisitSlot } from './schedule.ts';
export { slotNow } from './hold.ts';
export type { Exclusion, ExclusionCode, InclusionCode, Slot } from './slot.ts';
export { doorState } from './door.ts';
export { boardData } from './boards.ts';
export { clockText, houseDayAt, isoInZone, localMinuteAt, momentOfReading } from './zone.ts';
export * from '../ads/index.ts';
