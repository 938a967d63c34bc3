export { drawClass, drawPartySize } from './bookings.ts';
export type { PastBooking } from './bookings.ts';
export type { Hall } from './halls.ts';
export { doors } from './shows.ts';
export type { PlannedShow, Show, ShowPhase } from './shows.ts';
export { gateId, hallsOfGate, makeWorld, theatreName, theatreNo } from './world.ts';
export type { World, WorldRequest } from './world.ts';
export { loadCatalogue } from './load.ts';
export { extraShow } from './extra.ts';
