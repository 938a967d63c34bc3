import type * as iot from '@aws-sdk/client-iot';

import { AwsError } from './answers.ts';
import { certificateIssuer } from './certificates.ts';
import { iotPolicies } from './iot-policies.ts';
import { registration } from './register-thing.ts';
import type { World } from './world.ts';

const absent = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `${what} does not exist`);

const arnOf = ({ region, account }: World, rest: string): string =>
  `arn:aws:iot:${region}:${account}:${rest}`;

const idOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(32, '0');

function thingOf(world: World, name: string | undefined) {
  const thing = world.things.get(name ?? '');
  if (thing === undefined) throw absent(`Thing ${name}`);
  return thing;
}

function groupOf(world: World, name: string | undefined) {
  const group = world.groups.get(name ?? '');
  if (group === undefined) throw absent(`Thing group ${name}`);
  return group;
}

function certificateOf(world: World, key: string | undefined) {
  const found = world.certificates.get(key?.slice(key.lastIndexOf('/') + 1) ?? '');
  if (found === undefined) throw absent(`Certificate ${key}`);
  return found;
}

function things(world: World) {
  const thingNames = (name: string) => ({
    thingName: name,
    thingArn: arnOf(world, `thing/${name}`),
    thingId: idOf(name),
  });
  return {
    DescribeEndpoint({ endpointType }: iot.DescribeEndpointRequest): iot.DescribeEndpointResponse {
      const host = endpointType === 'iot:CredentialProvider' ? 'credentials.iot' : 'iot';
      const prefix = host === 'iot' ? 'a1b2c3d4e5f6g7-ats' : 'c1b2c3d4e5f6g7';
      return { endpointAddress: `${prefix}.${host}.${world.region}.amazonaws.com` };
    },
    DescribeThing({ thingName }: iot.DescribeThingRequest): iot.DescribeThingResponse {
      thingOf(world, thingName);
      return { ...thingNames(thingName ?? ''), attributes: {}, version: 1 };
    },
    CreateThing({ thingName }: iot.CreateThingRequest): iot.CreateThingResponse {
      const name = thingName ?? '';
      if (!world.things.has(name)) world.things.set(name, { principals: new Set() });
      return thingNames(name);
    },
    ListThingPrincipals({ thingName }: iot.ListThingPrincipalsRequest) {
      return { principals: [...thingOf(world, thingName).principals] };
    },
    AttachThingPrincipal({ thingName, principal }: iot.AttachThingPrincipalRequest) {
      thingOf(world, thingName).principals.add(certificateOf(world, principal).arn);
      return {};
    },
    DetachThingPrincipal({ thingName, principal }: iot.DetachThingPrincipalRequest) {
      thingOf(world, thingName).principals.delete(certificateOf(world, principal).arn);
      return {};
    },
  };
}

function groups(world: World) {
  const groupNames = (name: string) => ({
    thingGroupName: name,
    thingGroupArn: arnOf(world, `thinggroup/${name}`),
    thingGroupId: idOf(name),
  });
  return {
    DescribeThingGroup({ thingGroupName }: iot.DescribeThingGroupRequest) {
      groupOf(world, thingGroupName);
      return { ...groupNames(thingGroupName ?? ''), version: 1 };
    },
    CreateThingGroup(input: iot.CreateThingGroupRequest): iot.CreateThingGroupResponse {
      const name = input.thingGroupName ?? '';
      const description = input.thingGroupProperties?.thingGroupDescription ?? '';
      const present = world.groups.get(name);
      if (present !== undefined && present.description !== description) {
        throw new AwsError('ResourceAlreadyExistsException', `${name} is another group`);
      }
      if (present === undefined) world.groups.set(name, { description, things: new Set() });
      return groupNames(name);
    },
    AddThingToThingGroup(input: iot.AddThingToThingGroupRequest) {
      thingOf(world, input.thingName);
      groupOf(world, input.thingGroupName).things.add(input.thingName ?? '');
      return {};
    },
    RemoveThingFromThingGroup(input: iot.RemoveThingFromThingGroupRequest) {
      thingOf(world, input.thingName);
      groupOf(world, input.thingGroupName).things.delete(input.thingName ?? '');
      return {};
    },
    ListThingGroupsForThing({ thingName }: iot.ListThingGroupsForThingRequest) {
      thingOf(world, thingName);
      const names = [...world.groups].filter(([, group]) => group.things.has(thingName ?? ''));
      const thingGroups = names.map(([groupName]) => ({
        groupName,
        groupArn: arnOf(world, `thinggroup/${groupName}`),
      }));
      return { thingGroups } satisfies iot.ListThingGroupsForThingResponse;
    },
  };
}

function certificates(world: World) {
  const issue = certificateIssuer(world.nowMs);
  async function certify(csrPem: string, active: boolean) {
    const { id, pem } = await issue(csrPem);
    const certificate = {
      id,
      pem,
      arn: arnOf(world, `cert/${id}`),
      status: active ? ('ACTIVE' as const) : ('INACTIVE' as const),
      policies: new Set<string>(),
    };
    world.certificates.set(id, certificate);
    return certificate;
  }
  return {
    async CreateCertificateFromCsr(input: iot.CreateCertificateFromCsrRequest) {
      const csrPem = input.certificateSigningRequest ?? '';
      const { id, pem, arn: certificateArn } = await certify(csrPem, input.setAsActive === true);
      return { certificateArn, certificateId: id, certificatePem: pem };
    },
    DescribeCertificate({ certificateId }: iot.DescribeCertificateRequest) {
      const { id, pem, status, arn: certificateArn } = certificateOf(world, certificateId);
      const description = { certificateArn, certificateId: id, certificatePem: pem, status };
      return { certificateDescription: description };
    },
    UpdateCertificate({ certificateId, newStatus }: iot.UpdateCertificateRequest) {
      const certificate = certificateOf(world, certificateId);
      if (certificate.status === 'REVOKED') {
        throw new AwsError('CertificateStateException', 'A revoked certificate stays revoked.');
      }
      certificate.status =
        newStatus === 'ACTIVE' || newStatus === 'REVOKED' ? newStatus : 'INACTIVE';
      return {};
    },
  };
}

/** AWS IoT: things, their groups, what they are certified by, and what they may do. */
export function iotHandlers(world: World) {
  const registry = { ...things(world), ...groups(world), ...certificates(world) };
  const policies = iotPolicies(world, (key) => certificateOf(world, key));
  return { ...registry, ...policies, RegisterThing: registration(world, registry, policies) };
}
