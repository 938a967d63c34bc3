import type { Mutant } from '../mutant.ts';
import { admissionMutants } from './admission.ts';
import { cloudMutants } from './cloud.ts';
import { feedMutants } from './feed.ts';
import { outOfReach } from './out-of-reach.ts';
import { outboxMutants } from './outbox.ts';
import { storageMutants } from './storage.ts';
import { voteMutants } from './votes.ts';

/** Every bug that can be planted by name. */
export const allMutants: readonly Mutant[] = [
  ...feedMutants,
  ...outboxMutants,
  ...voteMutants,
  ...admissionMutants,
  ...cloudMutants,
  ...storageMutants,
];

/** The bugs that are planted: each must be caught. */
export const catalogue: readonly Mutant[] = allMutants.filter(
  ({ name }) => !Object.hasOwn(outOfReach, name),
);
