import { createHash, randomUUID } from 'node:crypto';

import type * as greengrass from '@aws-sdk/client-greengrassv2';
import { z } from 'zod';

import { AwsError } from './answers.ts';
import type { Deployment, World } from './world.ts';

const recipeSchema = z.looseObject({
  RecipeFormatVersion: z.literal('2020-01-25'),
  ComponentName: z.string(),
  ComponentVersion: z.string(),
  Manifests: z.array(
    z.looseObject({ Artifacts: z.array(z.looseObject({ Uri: z.string() })).optional() }),
  ),
});

const maxRecipeBytes = 16_384;

const invalid = (message: string): AwsError =>
  new AwsError('ValidationException', message, { reason: 'FIELD_VALIDATION_FAILED' });

const absent = (kind: string, id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The ${kind} ${id} cannot be found.`, {
    resourceId: id,
    resourceType: kind,
  });

/** The recipe with each artifact's digest, and why an artifact cannot be had. */
function withDigests(world: World, recipe: z.infer<typeof recipeSchema>) {
  const failures: string[] = [];
  const Manifests = recipe.Manifests.map((manifest) => ({
    ...manifest,
    Artifacts: (manifest.Artifacts ?? []).map((artifact) => {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(artifact.Uri) ?? [];
      const object = world.buckets.get(bucket)?.objects.get(key);
      if (object === undefined) {
        failures.push(`${artifact.Uri} cannot be accessed`);
        return artifact;
      }
      const Digest = createHash('sha256').update(object.body).digest('base64');
      return { ...artifact, Digest, Algorithm: 'SHA-256' };
    }),
  }));
  return { recipe: { ...recipe, Manifests }, failure: failures[0] ?? null };
}

function componentHandlers(world: World) {
  const arnOf = (name: string, version: string): string =>
    `arn:aws:greengrass:${world.region}:${world.account}:components:${name}:versions:${version}`;
  const componentOf = (arn: string | undefined) => {
    const component = world.components.get(arn ?? '');
    if (component === undefined) throw absent('component', arn ?? '');
    return component;
  };
  return {
    CreateComponentVersion({ inlineRecipe }: greengrass.CreateComponentVersionRequest) {
      const text = new TextDecoder().decode(inlineRecipe);
      if (Buffer.byteLength(text) > maxRecipeBytes) throw invalid('The recipe exceeds 16 KiB');
      const parsed = recipeSchema.safeParse(JSON.parse(text));
      if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
      const { ComponentName: name, ComponentVersion: version } = parsed.data;
      const arn = arnOf(name, version);
      if (world.components.has(arn)) {
        throw new AwsError('ConflictException', `${name} ${version} exists`, {
          resourceId: arn,
          resourceType: 'component',
        });
      }
      const { recipe, failure } = withDigests(world, parsed.data);
      const createdMs = world.nowMs();
      world.components.set(arn, {
        name,
        version,
        recipe,
        failure,
        createdMs,
        pendingFor: world.componentLooks,
      });
      return {
        arn,
        componentName: name,
        componentVersion: version,
        creationTimestamp: new Date(createdMs),
        status: { componentState: 'REQUESTED' as const },
      } satisfies greengrass.CreateComponentVersionResponse;
    },
    GetComponent({ arn, recipeOutputFormat }: greengrass.GetComponentRequest) {
      const recipe = new TextEncoder().encode(JSON.stringify(componentOf(arn).recipe));
      return { recipeOutputFormat: recipeOutputFormat ?? 'JSON', recipe };
    },
    DescribeComponent({ arn }: greengrass.DescribeComponentRequest) {
      const component = componentOf(arn);
      const waiting = component.pendingFor > 0;
      if (waiting) component.pendingFor -= 1;
      const done = component.failure === null ? ('DEPLOYABLE' as const) : ('FAILED' as const);
      const componentState = waiting ? ('INITIATED' as const) : done;
      const message = waiting || component.failure === null ? {} : { message: component.failure };
      return {
        arn,
        componentName: component.name,
        componentVersion: component.version,
        creationTimestamp: new Date(component.createdMs),
        status: { componentState, ...message },
      } satisfies greengrass.DescribeComponentResponse;
    },
  };
}

function deploymentHandlers(world: World) {
  const groupOf = (targetArn: string | undefined): string => {
    const name = /:thinggroup\/(.+)$/.exec(targetArn ?? '')?.[1] ?? '';
    if (!world.groups.has(name)) throw absent('thinggroup', targetArn ?? '');
    return name;
  };
  const latest = (targetArn: string | undefined): Deployment | undefined =>
    world.deployments.findLast((one) => one.targetArn === targetArn);
  return {
    CreateDeployment(input: greengrass.CreateDeploymentRequest) {
      groupOf(input.targetArn);
      for (const [name, { componentVersion }] of Object.entries(input.components ?? {})) {
        const known = [...world.components.values()].some(
          (one) => one.name === name && one.version === componentVersion && one.failure === null,
        );
        if (!known && name.startsWith('com.'))
          throw invalid(`${name} ${componentVersion} is unknown`);
      }
      const before = latest(input.targetArn);
      if (before?.status === 'ACTIVE') before.status = 'INACTIVE';
      const deployment: Deployment = {
        id: randomUUID(),
        revision: String(world.deployments.length + 1),
        targetArn: input.targetArn ?? '',
        name: input.deploymentName,
        input: { ...input },
        createdMs: world.nowMs(),
        status: 'ACTIVE',
      };
      world.deployments.push(deployment);
      return { deploymentId: deployment.id, iotJobId: randomUUID() };
    },
    ListDeployments({ targetArn, historyFilter }: greengrass.ListDeploymentsRequest) {
      const all = world.deployments.filter(
        (one) => targetArn === undefined || one.targetArn === targetArn,
      );
      const shown =
        historyFilter === 'ALL' ? all : all.filter((one) => one === latest(one.targetArn));
      const deployments = shown.map((one) => ({
        targetArn: one.targetArn,
        revisionId: one.revision,
        deploymentId: one.id,
        creationTimestamp: new Date(one.createdMs),
        deploymentStatus: one.status,
        isLatestForTarget: one === latest(one.targetArn),
        ...(one.name === undefined ? {} : { deploymentName: one.name }),
      }));
      return { deployments } satisfies greengrass.ListDeploymentsResponse;
    },
    GetDeployment({ deploymentId }: greengrass.GetDeploymentRequest) {
      const found = world.deployments.find((one) => one.id === deploymentId);
      if (found === undefined) throw absent('deployment', deploymentId ?? '');
      const { components, deploymentPolicies, iotJobConfiguration } = found.input;
      return {
        targetArn: found.targetArn,
        revisionId: found.revision,
        deploymentId: found.id,
        deploymentStatus: found.status,
        creationTimestamp: new Date(found.createdMs),
        isLatestForTarget: found === latest(found.targetArn),
        components,
        deploymentPolicies,
        iotJobConfiguration,
      };
    },
  };
}

function deviceHandlers(world: World) {
  const deviceOf = (thing: string | undefined) => {
    const device = world.devices.get(thing ?? '');
    if (device === undefined) throw absent('coreDevice', thing ?? '');
    return device;
  };
  return {
    ListCoreDevices({ thingGroupArn }: greengrass.ListCoreDevicesRequest) {
      const group = /:thinggroup\/(.+)$/.exec(thingGroupArn ?? '')?.[1];
      const members = world.groups.get(group ?? '')?.things ?? new Set<string>();
      const shown = [...world.devices].filter(([thing]) => members.has(thing));
      const coreDevices = shown.map(([coreDeviceThingName, { status, heardMs }]) => ({
        coreDeviceThingName,
        status,
        lastStatusUpdateTimestamp: new Date(heardMs),
      }));
      return { coreDevices } satisfies greengrass.ListCoreDevicesResponse;
    },
    ListEffectiveDeployments(input: greengrass.ListEffectiveDeploymentsRequest) {
      const { deployment: report, heardMs } = deviceOf(input.coreDeviceThingName);
      const found = world.deployments.find(({ id }) => id === report?.id);
      if (found === undefined || report === undefined) return { effectiveDeployments: [] };
      const effective = {
        deploymentId: found.id,
        deploymentName: found.name ?? '',
        targetArn: found.targetArn,
        coreDeviceExecutionStatus: report.status,
        creationTimestamp: new Date(found.createdMs),
        modifiedTimestamp: new Date(heardMs),
      };
      return { effectiveDeployments: [effective] };
    },
    ListInstalledComponents(input: greengrass.ListInstalledComponentsRequest) {
      const { components } = deviceOf(input.coreDeviceThingName);
      const installedComponents = components.map(({ name, version, state }) => ({
        componentName: name,
        componentVersion: version,
        lifecycleState: state,
        isRoot: true,
      }));
      return { installedComponents } satisfies greengrass.ListInstalledComponentsResponse;
    },
  };
}

/** Greengrass: components, deployments, and what core devices told of themselves. */
export function greengrassHandlers(world: World) {
  return { ...componentHandlers(world), ...deploymentHandlers(world), ...deviceHandlers(world) };
}
