export { shrink } from './shrink.ts';
export type { Part, Shrunk, ShrinkOptions } from './shrink.ts';
