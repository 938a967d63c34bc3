import { runSeeds } from '../seed-process.ts';
import { next } from './counter.ts';

/** A toy simulation: seed n counts to n, and a law says that it does. */
await runSeeds((seed) => {
  let value = 0;
  for (let step = 0; step < seed; step += 1) value = next(value);
  const violations = value === seed ? [] : [{ law: 'counts', detail: `${value} of ${seed}` }];
  return Promise.resolve({ violations });
});
