import { FoyerError } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';

import { componentArn, iotArn } from '../domain/names.ts';
import { artifactKey, type BuiltComponent, type PublishedState } from '../domain/publish.ts';
import type { DeploymentState } from '../domain/deployment.ts';
import { sdk, type Aws } from './clients.ts';
import { explained, orNull } from './errors.ts';

/** What of these components is at AWS already. */
export async function readPublished(
  aws: Aws,
  bucket: string,
  components: readonly BuiltComponent[],
): Promise<PublishedState> {
  const { s3, greengrass } = await sdk();
  const objects = new Map<string, string | null>();
  const recipes = new Map<string, unknown>();
  for (const artifact of components.flatMap(({ artifacts }) => artifacts)) {
    const Key = artifactKey(artifact);
    const command = new s3.HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' });
    const found = await orNull(aws.s3.send(command));
    if (found !== null) objects.set(Key, found.ChecksumSHA256 ?? null);
  }
  for (const { name, version } of components) {
    const arn = componentArn(aws.place, name, version);
    const command = new greengrass.GetComponentCommand({ arn, recipeOutputFormat: 'JSON' });
    const found = await orNull(aws.greengrass.send(command));
    if (found === null) continue;
    recipes.set(arn, JSON.parse(new TextDecoder().decode(found.recipe)));
  }
  return { objects, components: recipes };
}

/** Greengrass looks at a new version before it can be deployed: seconds, rarely a minute. */
const deployableTries = 60;
const deployableWaitMs = 2_000;

/**
 * Waits until Greengrass calls each component deployable. Throws FoyerError `bad-request` with
 * Greengrass's reason for one that it refuses, `timeout` after two minutes.
 */
export async function waitUntilDeployable(
  aws: Aws,
  components: readonly BuiltComponent[],
  clock: Clock,
): Promise<void> {
  const { greengrass } = await sdk();
  for (const { name, version } of components) {
    const arn = componentArn(aws.place, name, version);
    for (let tries = 1; ; tries += 1) {
      const { status } = await aws.greengrass.send(
        new greengrass.DescribeComponentCommand({ arn }),
      );
      const state = status?.componentState;
      if (state === 'DEPLOYABLE') break;
      if (state === 'FAILED') {
        const reasons = Object.entries(status?.errors ?? {}).map(([on, why]) => `${on}: ${why}`);
        const said = [status?.message ?? '', ...reasons].join(' ');
        throw new FoyerError('bad-request', `Greengrass refuses ${name} ${version}: ${said}`, {
          whatToDo: 'Mend the recipe and build it under another version.',
        });
      }
      if (tries === deployableTries) {
        throw new FoyerError('timeout', `${name} ${version} is ${state} after two minutes.`);
      }
      await new Promise<void>((resolve) => {
        clock.setTimer('until a component is deployable', deployableWaitMs, resolve);
      });
    }
  }
}

/** The newest deployment of a group, or null where there is none. */
export async function readDeployment(aws: Aws, group: string): Promise<DeploymentState | null> {
  const { greengrass } = await sdk();
  try {
    const list = await aws.greengrass.send(
      new greengrass.ListDeploymentsCommand({
        targetArn: iotArn(aws.place, `thinggroup/${group}`),
        historyFilter: 'LATEST_ONLY',
        maxResults: 1,
      }),
    );
    const deploymentId = list.deployments?.[0]?.deploymentId;
    if (deploymentId === undefined) return null;
    const found = await aws.greengrass.send(new greengrass.GetDeploymentCommand({ deploymentId }));
    return { status: found.deploymentStatus ?? 'ACTIVE', components: found.components ?? {} };
  } catch (error) {
    throw explained(error, 'greengrassv2:ListDeployments');
  }
}
