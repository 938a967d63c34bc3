export { openLedger } from './store.ts';
export { ledgerMigrations } from './schema.ts';
export { startBoot } from './boot.ts';
