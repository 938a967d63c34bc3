import type { Mutant } from '../mutant.ts';
import { admissionMutants } from './admission.ts';
import { cloudMutants } from './cloud.ts';
import { feedMutants } from './feed.ts';
import { outboxMutants } from './outbox.ts';
import { storageMutants } from './storage.ts';
import { voteMutants } from './votes.ts';

/** Every bug that is planted. */
export const catalogue: readonly Mutant[] = [
  ...feedMutants,
  ...outboxMutants,
  ...voteMutants,
  ...admissionMutants,
  ...cloudMutants,
  ...storageMutants,
];
