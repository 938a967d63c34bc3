import { FoyerError } from '@foyer/contracts';

import type { Aws, Sdk } from './clients.ts';
import { orNull } from './errors.ts';
import type { PolicyState } from '../domain/policy-plan.ts';
import type { RoleState } from '../domain/account.ts';
import type { CertificateState } from '../domain/certificate.ts';

/** Pages of one list are read up to this many; more than any list here has. */
const maxPages = 40;

/** All pages of a list. */
export async function pages<T>(
  read: (token: string | undefined) => Promise<{ items: T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { items, next } = await read(token);
    all.push(...items);
    if (next === undefined || next === '') return all;
    token = next;
  }
  throw new Error(`a list at AWS has more than ${maxPages} pages`);
}

/** Policies and roles, as they are. */
function policyReaders(aws: Aws, { iam, iot }: Sdk) {
  async function policy(policyName: string): Promise<PolicyState | null> {
    const found = await orNull(aws.iot.send(new iot.GetPolicyCommand({ policyName })));
    if (found === null) return null;
    const list = await aws.iot.send(new iot.ListPolicyVersionsCommand({ policyName }));
    const older = (list.policyVersions ?? [])
      .filter(({ isDefaultVersion }) => isDefaultVersion !== true)
      .toSorted((one, other) => Number(one.versionId) - Number(other.versionId))
      .flatMap(({ versionId }) => (versionId === undefined ? [] : [versionId]));
    return { document: JSON.parse(found.policyDocument ?? 'null'), olderVersions: older };
  }

  async function role(RoleName: string, inlineName: string | null): Promise<RoleState | null> {
    const found = await orNull(aws.iam.send(new iam.GetRoleCommand({ RoleName })));
    if (found === null) return null;
    const inline: Record<string, unknown> = {};
    if (inlineName !== null) {
      const command = new iam.GetRolePolicyCommand({ RoleName, PolicyName: inlineName });
      const text = (await orNull(aws.iam.send(command)))?.PolicyDocument;
      if (text !== undefined) inline[inlineName] = JSON.parse(decodeURIComponent(text));
    }
    const list = await aws.iam.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }));
    const attached = (list.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []);
    return { inline, attached };
  }

  async function roleAlias(name: string): Promise<boolean> {
    const command = new iot.DescribeRoleAliasCommand({ roleAlias: name });
    return (await orNull(aws.iot.send(command))) !== null;
  }

  return { policy, role, roleAlias };
}

/** Certificates, as they are. */
function certificateReaders(aws: Aws, { iot }: Sdk) {
  async function certificate(arn: string): Promise<CertificateState | null> {
    const certificateId = arn.slice(arn.lastIndexOf('/') + 1);
    const describe = new iot.DescribeCertificateCommand({ certificateId });
    const found = await orNull(aws.iot.send(describe));
    if (found === null) return null;
    const list = await aws.iot.send(new iot.ListAttachedPoliciesCommand({ target: arn }));
    const policies = (list.policies ?? []).flatMap(({ policyName }) => policyName ?? []);
    return { arn, policies, active: found.certificateDescription?.status === 'ACTIVE' };
  }

  /** A certificate that a directory of this machine holds; it has to be good still. */
  async function heldCertificate(arn: string, dir: string): Promise<CertificateState> {
    const state = await certificate(arn);
    if (state?.active === true) return state;
    throw new FoyerError('wrong-state', `The certificate in ${dir} is revoked or gone: ${arn}.`, {
      whatToDo: 'Name an empty directory, for a new key and certificate.',
    });
  }

  async function certificates(thingName: string): Promise<CertificateState[]> {
    const arns = await pages(async (nextToken) => {
      const command = new iot.ListThingPrincipalsCommand({ thingName, nextToken });
      const { principals = [], nextToken: next } = await aws.iot.send(command);
      return { items: principals, next };
    });
    const states: CertificateState[] = [];
    for (const arn of arns) {
      const state = await certificate(arn);
      if (state !== null) states.push(state);
    }
    return states;
  }

  return { heldCertificate, certificates };
}

/** Things and their groups, as they are. */
function thingReaders(aws: Aws, { iot }: Sdk) {
  async function groups(names: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const thingGroupName of names) {
      const command = new iot.DescribeThingGroupCommand({ thingGroupName });
      if ((await orNull(aws.iot.send(command))) !== null) found.add(thingGroupName);
    }
    return found;
  }

  async function memberOf(thingName: string): Promise<ReadonlySet<string>> {
    const names = await pages(async (nextToken) => {
      const command = new iot.ListThingGroupsForThingCommand({ thingName, nextToken });
      const { thingGroups = [], nextToken: next } = await aws.iot.send(command);
      return { items: thingGroups.flatMap(({ groupName }) => groupName ?? []), next };
    });
    return new Set(names);
  }

  async function thing(thingName: string): Promise<boolean> {
    return (await orNull(aws.iot.send(new iot.DescribeThingCommand({ thingName })))) !== null;
  }

  async function endpoint(endpointType: 'iot:Data-ATS' | 'iot:CredentialProvider') {
    const { endpointAddress } = await aws.iot.send(
      new iot.DescribeEndpointCommand({ endpointType }),
    );
    return endpointAddress ?? '';
  }

  return { groups, memberOf, thing, endpoint };
}

/** Reads one thing after the other: AWS allows ten such calls a second. */
export function readers(aws: Aws, modules: Sdk) {
  return {
    ...policyReaders(aws, modules),
    ...certificateReaders(aws, modules),
    ...thingReaders(aws, modules),
  };
}

export type Readers = ReturnType<typeof readers>;
