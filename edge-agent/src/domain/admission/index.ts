export { createAdmission, maxScansInFlight } from './service.ts';
export { forgetOld } from './upkeep.ts';
export type * from './ports.ts';
