import { FoyerError } from '@foyer/contracts';

import { planDeployment, type DeploymentWish } from '../domain/deployment.ts';
import { sdk, type Aws } from '../adapters/clients.ts';
import { explained } from '../adapters/errors.ts';
import { readDeployment } from '../adapters/published.ts';
import { readers } from '../adapters/read.ts';
import type { Task } from './task.ts';

/** A version of the components of a role, to every box of a thing group. */
export async function deployTask(aws: Aws, wish: DeploymentWish): Promise<Task> {
  const { group } = wish;
  try {
    const groups = await readers(aws, await sdk()).groups([group]);
    if (!groups.has(group)) {
      throw new FoyerError('not-found', `There is no thing group ${group}.`, {
        whatToDo: 'Run `foyer fleet setup --bucket BUCKET` first, or check --group and --region.',
      });
    }
    return {
      plan: planDeployment(aws.place, wish, await readDeployment(aws, group)),
      finish: () => [`See how far it is: foyer fleet status --group ${group}`],
    };
  } catch (error) {
    throw explained(error, `reading the deployment of ${group}`);
  }
}
