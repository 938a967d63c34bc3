export * from './clock.ts';
export * from './random.ts';
export * from './logger.ts';
export * from './journal.ts';
export * from './link.ts';
export * from './topic-client.ts';
