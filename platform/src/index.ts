export type * from './clock.ts';
export type * from './random.ts';
export type * from './link.ts';
export type * from './journal.ts';
export type * from './logger.ts';
export * from './backoff.ts';
export * from './limits.ts';
export * from './loopback.ts';
export * from './per-second.ts';
