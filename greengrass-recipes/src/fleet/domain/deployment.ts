import type { Role } from '@foyer/contracts';

import type { Inputs, Plan } from './calls.ts';
import { iotArn, roleGroup, type Place } from './names.ts';
import { same } from './same.ts';

/** How fast a deployment reaches a group. */
export interface Rollout {
  /** Boxes a minute in the beginning, 1..1,000. */
  readonly perMinute: number;
  /** What the rate is multiplied with, above 1 and up to 5, */
  readonly factor: number;
  /** each time that this many boxes have succeeded. */
  readonly afterSucceeded: number;
  /** Boxes a minute at most, 1..1,000. */
  readonly maxPerMinute: number;
}

/** When a deployment is stopped for the boxes that have not got it yet. */
export interface AbortRule {
  readonly on: 'FAILED' | 'REJECTED' | 'TIMED_OUT' | 'ALL';
  /** Of the boxes that have finished, 0..100. */
  readonly percent: number;
  /** Not before this many have finished. */
  readonly afterFinished: number;
}

/** Configuration of components as their deployment gives it: what to merge, what to reset. */
export type Configuration = Readonly<
  Record<string, { merge?: Readonly<Record<string, unknown>>; reset?: readonly string[] }>
>;

export interface DeploymentWish {
  readonly group: string;
  readonly role: Role;
  readonly version: string;
  /** Components beside those of the role, and their versions. */
  readonly further: Readonly<Record<string, string>>;
  /** Components of the present deployment that end with it. */
  readonly without: readonly string[];
  /** Null keeps what the present deployment says. */
  readonly configuration: Configuration | null;
  readonly rollout: Rollout;
  readonly aborts: readonly AbortRule[];
  /** A box that has not finished by then counts as timed out. */
  readonly timeoutMinutes: number;
  /** How long a component may put off its update; 0 asks none of them. */
  readonly deferSeconds: number;
}

type DeploymentInput = Inputs['greengrassv2:CreateDeployment'];

/** The newest deployment of a group. */
export interface DeploymentState {
  readonly status: string;
  readonly components: NonNullable<DeploymentInput['components']>;
}

/**
 * Five boxes a minute, doubled after each five that succeeded; stopped when a tenth of at least
 * five failed. A gate may put off its update while a show lets people in, which takes about half
 * an hour; the job waits longer than that.
 */
export const deploymentDefaults = {
  rollout: { perMinute: 5, factor: 2, afterSucceeded: 5, maxPerMinute: 50 },
  aborts: [{ on: 'ALL', percent: 10, afterFinished: 5 }],
  timeoutMinutes: 90,
  deferSeconds: 2_700,
} as const satisfies Partial<DeploymentWish>;

/** The components that a box of a role runs. */
export const componentsOfRole: Readonly<Record<Role, readonly string[]>> = {
  theatre: ['com.foyer.EdgeAgent'],
  gate: ['com.foyer.EdgeAgent', 'com.foyer.Scanner'],
  screen: ['com.foyer.EdgeAgent', 'com.foyer.SignagePlayer'],
};

/** The role that a group is for, by its name; null for a group of another name. */
export function roleOfGroup(group: string): Role | null {
  const roles: readonly Role[] = ['theatre', 'gate', 'screen'];
  return roles.find((role) => group === roleGroup(role)) ?? null;
}

type Components = NonNullable<DeploymentInput['components']>;
type Update = NonNullable<Components[string]['configurationUpdate']>;

function updateFor(name: string, wish: DeploymentWish, before: Components): Update | undefined {
  if (wish.configuration === null) return before[name]?.configurationUpdate;
  const { merge, reset } = wish.configuration[name] ?? {};
  if (merge === undefined && reset === undefined) return undefined;
  return {
    ...(merge === undefined ? {} : { merge: JSON.stringify(merge) }),
    ...(reset === undefined ? {} : { reset: [...reset] }),
  };
}

// A deployment replaces the one before. What is not ours, such as a nucleus or a log manager that
// was chosen in AWS's console, stays as it is.
function componentsFor(wish: DeploymentWish, state: DeploymentState | null): Components {
  const before = state?.components ?? {};
  const versions: Record<string, string> = { ...wish.further };
  for (const name of componentsOfRole[wish.role]) versions[name] = wish.version;
  const left = Object.entries(before).filter(
    ([name]) => versions[name] === undefined && !wish.without.includes(name),
  );
  const wanted = Object.entries(versions).map(([name, componentVersion]) => {
    const configurationUpdate = updateFor(name, wish, before);
    const update = configurationUpdate === undefined ? {} : { configurationUpdate };
    return [name, { componentVersion, ...update }] as const;
  });
  return { ...Object.fromEntries(left), ...Object.fromEntries(wanted) };
}

function jobOf({ rollout, aborts, timeoutMinutes }: DeploymentWish) {
  return {
    jobExecutionsRolloutConfig: {
      exponentialRate: {
        baseRatePerMinute: rollout.perMinute,
        incrementFactor: rollout.factor,
        rateIncreaseCriteria: { numberOfSucceededThings: rollout.afterSucceeded },
      },
      maximumPerMinute: rollout.maxPerMinute,
    },
    abortConfig: {
      criteriaList: aborts.map(({ on, percent, afterFinished }) => ({
        failureType: on,
        action: 'CANCEL' as const,
        thresholdPercentage: percent,
        minNumberOfExecutedThings: afterFinished,
      })),
    },
    timeoutConfig: { inProgressTimeoutInMinutes: timeoutMinutes },
  } satisfies DeploymentInput['iotJobConfiguration'];
}

function policiesOf({ deferSeconds }: DeploymentWish) {
  return {
    failureHandlingPolicy: 'ROLLBACK',
    componentUpdatePolicy:
      deferSeconds === 0
        ? { action: 'SKIP_NOTIFY_COMPONENTS' }
        : { action: 'NOTIFY_COMPONENTS', timeoutInSeconds: deferSeconds },
  } satisfies DeploymentInput['deploymentPolicies'];
}

const ended = new Set(['CANCELED', 'FAILED']);

/** A deployment of one version to a group; none where the newest one says the same. */
export function planDeployment(
  place: Place,
  wish: DeploymentWish,
  state: DeploymentState | null,
): Plan {
  const components = componentsFor(wish, state);
  const { group, version } = wish;
  if (state !== null && !ended.has(state.status) && same(state.components, components)) {
    return { calls: [], kept: [`deployment of ${version} to ${group}, ${state.status}`] };
  }
  return {
    kept: [],
    calls: [
      {
        operation: 'greengrassv2:CreateDeployment',
        why: `${Object.keys(components).join(', ')} to ${group}`,
        input: {
          targetArn: iotArn(place, `thinggroup/${group}`),
          deploymentName: `${group} ${version}`,
          components,
          iotJobConfiguration: jobOf(wish),
          deploymentPolicies: policiesOf(wish),
        },
      },
    ],
  };
}
