export * from './clock.ts';
export * from './random.ts';
export * from './logger.ts';
export * from './disk.ts';
export * from './network.ts';
export * from './broker.ts';
export * from './settle.ts';
