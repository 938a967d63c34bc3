import { FoyerError } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';

import { planPublication } from '../domain/publish.ts';
import { readBuilt } from '../adapters/built.ts';
import type { Aws } from '../adapters/clients.ts';
import { explained } from '../adapters/errors.ts';
import { readPublished, waitUntilDeployable } from '../adapters/published.ts';
import type { Task } from './task.ts';

export interface PublishOptions {
  /** What `foyer recipes build --out` wrote. */
  readonly dir: string;
  readonly bucket: string;
}

/**
 * Components with their artifacts. Throws FoyerError `wrong-state` where a version exists with
 * another content: boxes may run it, so it stays what it is.
 */
export async function publishTask(
  aws: Aws,
  { dir, bucket }: PublishOptions,
  clock: Clock,
): Promise<Task> {
  const components = await readBuilt(dir);
  try {
    const state = await readPublished(aws, bucket, components);
    const { conflicts, ...plan } = planPublication(aws.place, bucket, components, state);
    if (conflicts.length > 0) {
      const list = conflicts.join(', ');
      throw new FoyerError('wrong-state', `There with another content: ${list}.`, {
        whatToDo: 'Build under a new version: `foyer recipes build --version V --out DIR`.',
      });
    }
    return {
      plan,
      async finish() {
        await waitUntilDeployable(aws, components, clock);
        return components.map(({ name, version }) => `${name} ${version} can be deployed`);
      },
    };
  } catch (error) {
    throw explained(error, 'reading what is published');
  }
}
