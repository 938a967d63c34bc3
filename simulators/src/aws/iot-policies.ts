import type * as iot from '@aws-sdk/client-iot';

import { AwsError } from './answers.ts';
import type { World } from './world.ts';

const absent = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `${what} does not exist`);

/** Characters of a policy, white space aside, and versions that are kept: AWS IoT's limits. */
const maxPolicyChars = 2_048;
const maxVersions = 5;

type IotPolicy = NonNullable<ReturnType<World['policies']['get']>>;

function policyOf(world: World, name: string | undefined): IotPolicy {
  const policy = world.policies.get(name ?? '');
  if (policy === undefined) throw absent(`Policy ${name}`);
  return policy;
}

const arnOf = ({ region, account }: World, rest: string): string =>
  `arn:aws:iot:${region}:${account}:${rest}`;

function check(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('MalformedPolicyException', 'Policy document is malformed');
  }
  if (text.replaceAll(/\s/g, '').length > maxPolicyChars) {
    throw new AwsError('MalformedPolicyException', 'Policy document is too large');
  }
}

function versions(world: World) {
  return {
    GetPolicy({ policyName }: iot.GetPolicyRequest): iot.GetPolicyResponse {
      const { versions, defaultVersion } = policyOf(world, policyName);
      return {
        policyName,
        policyArn: arnOf(world, `policy/${policyName}`),
        policyDocument: versions.get(defaultVersion),
        defaultVersionId: defaultVersion,
      };
    },
    CreatePolicy({ policyName, policyDocument }: iot.CreatePolicyRequest) {
      const name = policyName ?? '';
      const text = policyDocument ?? '';
      check(text);
      if (world.policies.has(name)) {
        throw new AwsError('ResourceAlreadyExistsException', `Policy ${name} already exists`);
      }
      const versions = new Map([['1', text]]);
      world.policies.set(name, { versions, defaultVersion: '1', made: 1 });
      return { policyName: name, policyArn: arnOf(world, `policy/${name}`), policyVersionId: '1' };
    },
    ListPolicyVersions({ policyName }: iot.ListPolicyVersionsRequest) {
      const { versions, defaultVersion } = policyOf(world, policyName);
      const policyVersions = [...versions.keys()].map((versionId) => ({
        versionId,
        isDefaultVersion: versionId === defaultVersion,
      }));
      return { policyVersions } satisfies iot.ListPolicyVersionsResponse;
    },
    CreatePolicyVersion(input: iot.CreatePolicyVersionRequest) {
      const policy = policyOf(world, input.policyName);
      const text = input.policyDocument ?? '';
      check(text);
      if (policy.versions.size >= maxVersions) {
        throw new AwsError('VersionsLimitExceededException', 'The policy has 5 versions');
      }
      policy.made += 1;
      const id = String(policy.made);
      policy.versions.set(id, text);
      if (input.setAsDefault === true) policy.defaultVersion = id;
      return { policyVersionId: id, isDefaultVersion: input.setAsDefault === true };
    },
    DeletePolicyVersion({ policyName, policyVersionId }: iot.DeletePolicyVersionRequest) {
      const policy = policyOf(world, policyName);
      if (policy.defaultVersion === policyVersionId) {
        throw new AwsError('DeleteConflictException', 'It is the default version');
      }
      policy.versions.delete(policyVersionId ?? '');
      return {};
    },
  };
}

/** Finds a certificate by its id or ARN; throws AwsError where there is none. */
type FindCertificate = (key: string | undefined) => { readonly policies: Set<string> };

function attachments(world: World, certificateOf: FindCertificate) {
  return {
    AttachPolicy({ policyName, target }: iot.AttachPolicyRequest) {
      policyOf(world, policyName);
      certificateOf(target).policies.add(policyName ?? '');
      return {};
    },
    DetachPolicy({ policyName, target }: iot.DetachPolicyRequest) {
      certificateOf(target).policies.delete(policyName ?? '');
      return {};
    },
    ListAttachedPolicies({ target }: iot.ListAttachedPoliciesRequest) {
      const names = [...certificateOf(target).policies];
      return { policies: names.map((name) => ({ policyName: name })) };
    },
  };
}

function delegations(world: World) {
  // IAM tells the other services of a new role with a delay.
  const passRole = (roleArn: string | undefined): void => {
    const role = world.roles.get(roleArn?.slice(roleArn.lastIndexOf('/') + 1) ?? '');
    if (role?.unknownFor === 0) return;
    if (role !== undefined) role.unknownFor -= 1;
    throw new AwsError('InvalidRequestException', `The role ${roleArn} cannot be assumed`);
  };
  return {
    DescribeRoleAlias({ roleAlias }: iot.DescribeRoleAliasRequest) {
      const alias = world.aliases.get(roleAlias ?? '');
      if (alias === undefined) throw absent(`Role alias ${roleAlias}`);
      return { roleAliasDescription: { roleAlias, roleArn: alias.roleArn } };
    },
    CreateRoleAlias({ roleAlias, roleArn }: iot.CreateRoleAliasRequest) {
      const name = roleAlias ?? '';
      passRole(roleArn);
      if (world.aliases.has(name)) {
        throw new AwsError('ResourceAlreadyExistsException', `Role alias ${name} already exists`);
      }
      world.aliases.set(name, { roleArn: roleArn ?? '' });
      return { roleAlias: name, roleAliasArn: arnOf(world, `rolealias/${name}`) };
    },
    DescribeProvisioningTemplate({ templateName }: iot.DescribeProvisioningTemplateRequest) {
      const template = world.templates.get(templateName ?? '');
      if (template === undefined) throw absent(`Template ${templateName}`);
      return { templateName, templateBody: template.body, enabled: true };
    },
    CreateProvisioningTemplate(input: iot.CreateProvisioningTemplateRequest) {
      const name = input.templateName ?? '';
      passRole(input.provisioningRoleArn);
      if (world.templates.has(name)) {
        throw new AwsError('ResourceAlreadyExistsException', `Template ${name} already exists`);
      }
      const roleArn = input.provisioningRoleArn ?? '';
      world.templates.set(name, { body: input.templateBody ?? '', roleArn });
      return { templateName: name, defaultVersionId: 1 };
    },
    CreateProvisioningTemplateVersion(input: iot.CreateProvisioningTemplateVersionRequest) {
      const template = world.templates.get(input.templateName ?? '');
      if (template === undefined) throw absent(`Template ${input.templateName}`);
      template.body = input.templateBody ?? '';
      return { templateName: input.templateName, versionId: 2, isDefaultVersion: true };
    },
  };
}

/** Policies of AWS IoT, role aliases and provisioning templates. */
export function iotPolicies(world: World, certificateOf: FindCertificate) {
  return {
    ...versions(world),
    ...attachments(world, certificateOf),
    ...delegations(world),
  };
}
