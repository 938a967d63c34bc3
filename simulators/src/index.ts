export * from './camera/index.ts';
export * from './checkers/index.ts';
export * from './fuzz/index.ts';
export * from './torture/index.ts';
export * from './up/index.ts';
export * from './world/index.ts';
