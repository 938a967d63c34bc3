import { FoyerError } from '@foyer/contracts';

import { planRevocation } from '../domain/box.ts';
import { sdk, type Aws } from '../adapters/clients.ts';
import { explained } from '../adapters/errors.ts';
import { readers } from '../adapters/read.ts';
import { readThing } from './provision.ts';
import type { Task } from './task.ts';

/** A box that may speak no more. */
export async function revokeTask(aws: Aws, thing: string): Promise<Task> {
  const read = readers(aws, await sdk());
  try {
    const state = await readThing(read, thing, [], false);
    if (!state.exists) throw new FoyerError('not-found', `There is no thing ${thing}.`);
    return { plan: planRevocation(thing, state) };
  } catch (error) {
    throw explained(error, `reading what is known of ${thing}`);
  }
}
