import { sdk, type Aws, type Sdk } from '../adapters/clients.ts';
import { explained } from '../adapters/errors.ts';
import { readDeployment } from '../adapters/published.ts';
import { pages } from '../adapters/read.ts';
import { iotArn } from '../domain/names.ts';

/** A box as Greengrass last heard of it. */
export interface BoxStatus {
  readonly thing: string;
  /** `HEALTHY`, or `UNHEALTHY` where a component is broken or a deployment failed. */
  readonly health: string;
  /** UTC milliseconds, or null where AWS does not say. */
  readonly heardMs: number | null;
  /** How the newest deployment of the group went on this box; null before it got it. */
  readonly deployment: string | null;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly state: string;
  }[];
}

export interface FleetStatus {
  readonly group: string;
  /** Status and versions of the group's newest deployment; null where there is none. */
  readonly deployment: {
    readonly status: string;
    readonly versions: Readonly<Record<string, string>>;
  } | null;
  readonly boxes: readonly BoxStatus[];
}

const ours = 'com.foyer.';

async function boxStatus(
  aws: Aws,
  { greengrass }: Sdk,
  coreDeviceThingName: string,
  targetArn: string,
): Promise<Pick<BoxStatus, 'deployment' | 'components'>> {
  const effective = await aws.greengrass.send(
    new greengrass.ListEffectiveDeploymentsCommand({ coreDeviceThingName, maxResults: 100 }),
  );
  const found = effective.effectiveDeployments?.find((one) => one.targetArn === targetArn);
  const installed = await pages(async (nextToken) => {
    const command = new greengrass.ListInstalledComponentsCommand({
      coreDeviceThingName,
      nextToken,
    });
    const { installedComponents = [], nextToken: next } = await aws.greengrass.send(command);
    return { items: installedComponents, next };
  });
  const components = installed.flatMap(({ componentName, componentVersion, lifecycleState }) =>
    componentName?.startsWith(ours) === true
      ? [{ name: componentName, version: componentVersion ?? '?', state: lifecycleState ?? '?' }]
      : [],
  );
  return { deployment: found?.coreDeviceExecutionStatus ?? null, components };
}

/** How a group's newest deployment goes, box by box. */
export async function fleetStatus(aws: Aws, group: string): Promise<FleetStatus> {
  const modules = await sdk();
  const { greengrass } = modules;
  const thingGroupArn = iotArn(aws.place, `thinggroup/${group}`);
  try {
    const deployment = await readDeployment(aws, group);
    const devices = await pages(async (nextToken) => {
      const command = new greengrass.ListCoreDevicesCommand({ thingGroupArn, nextToken });
      const { coreDevices = [], nextToken: next } = await aws.greengrass.send(command);
      return { items: coreDevices, next };
    });
    const boxes: BoxStatus[] = [];
    for (const { coreDeviceThingName: thing, status, lastStatusUpdateTimestamp } of devices) {
      if (thing === undefined) continue;
      boxes.push({
        thing,
        health: status ?? '?',
        heardMs: lastStatusUpdateTimestamp?.getTime() ?? null,
        ...(await boxStatus(aws, modules, thing, thingGroupArn)),
      });
    }
    const versions = Object.entries(deployment?.components ?? {}).map(
      ([name, { componentVersion }]) => [name, componentVersion ?? '?'] as const,
    );
    return {
      group,
      deployment:
        deployment === null
          ? null
          : { status: deployment.status, versions: Object.fromEntries(versions) },
      boxes,
    };
  } catch (error) {
    throw explained(error, `reading the status of ${group}`);
  }
}
