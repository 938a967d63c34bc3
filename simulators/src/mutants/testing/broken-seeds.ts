import { runSeeds } from '../seed-process.ts';
import { next } from './counter.ts';

/** A toy simulation with a bug of its own. */
await runSeeds((seed) => {
  const violations = seed === next(2) ? [{ law: 'never-three', detail: 'three' }] : [];
  return Promise.resolve({ violations });
});
