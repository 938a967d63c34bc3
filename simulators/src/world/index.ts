export { drawClass, drawPartySize } from './bookings.ts';
export type { PastBooking } from './bookings.ts';
export type { Hall } from './halls.ts';
export { doors } from './shows.ts';
export type { PlannedShow, Show, ShowPhase } from './shows.ts';
export {
  boxIds,
  boxOf,
  gateId,
  hallsOfGate,
  isBox,
  isPlayer,
  makeWorld,
  playerOf,
  theatreName,
  theatreNo,
  theatreZone,
} from './world.ts';
export type { World, WorldRequest } from './world.ts';
export type { SeededMedia, WorldSignage } from './signage.ts';
export { campaignsOf, loadCatalogue, loadSignage } from './load.ts';
export { extraShow } from './extra.ts';
export { seededProgramme, silentHouse } from './programme.ts';
