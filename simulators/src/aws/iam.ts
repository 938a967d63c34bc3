import type * as iam from '@aws-sdk/client-iam';

import { AwsError } from './answers.ts';
import type { World } from './world.ts';

const absent = (what: string): AwsError =>
  new AwsError('NoSuchEntityException', `The ${what} cannot be found.`);

/** IAM as far as roles go, and STS's answer to who is asking. */
export function iamHandlers(world: World) {
  const roleOf = (name: string | undefined) => {
    const role = world.roles.get(name ?? '');
    if (role === undefined) throw absent(`role with name ${name}`);
    return role;
  };
  const described = (RoleName: string, trust: string): iam.Role => ({
    Path: '/',
    RoleName,
    RoleId: `AROA${'0'.repeat(12)}${String(RoleName.length).padStart(4, '0')}`,
    Arn: `arn:aws:iam::${world.account}:role/${RoleName}`,
    CreateDate: new Date(world.nowMs()),
    AssumeRolePolicyDocument: encodeURIComponent(trust),
  });
  return {
    GetCallerIdentity: () => ({
      UserId: 'AIDA0000000000000000',
      Account: world.account,
      Arn: `arn:aws:iam::${world.account}:user/engineer`,
    }),
    GetRole: ({ RoleName }: iam.GetRoleRequest): iam.GetRoleResponse => ({
      Role: described(RoleName ?? '', roleOf(RoleName).trust),
    }),
    CreateRole({ RoleName, AssumeRolePolicyDocument }: iam.CreateRoleRequest) {
      const name = RoleName ?? '';
      if (world.roles.has(name)) {
        throw new AwsError('EntityAlreadyExistsException', `Role ${name} already exists.`);
      }
      const trust = AssumeRolePolicyDocument ?? '';
      world.roles.set(name, { trust, inline: new Map(), attached: new Set(), unknownFor: 0 });
      return { Role: described(name, trust) } satisfies iam.CreateRoleResponse;
    },
    GetRolePolicy({ RoleName, PolicyName }: iam.GetRolePolicyRequest): iam.GetRolePolicyResponse {
      const text = roleOf(RoleName).inline.get(PolicyName ?? '');
      if (text === undefined) throw absent(`role policy with name ${PolicyName}`);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(text) };
    },
    PutRolePolicy({ RoleName, PolicyName, PolicyDocument }: iam.PutRolePolicyRequest) {
      JSON.parse(PolicyDocument ?? '');
      roleOf(RoleName).inline.set(PolicyName ?? '', PolicyDocument ?? '');
      return {};
    },
    ListAttachedRolePolicies({ RoleName }: iam.ListAttachedRolePoliciesRequest) {
      const attached = [...roleOf(RoleName).attached].map((PolicyArn) => ({
        PolicyArn,
        PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
      }));
      return { AttachedPolicies: attached, IsTruncated: false };
    },
    AttachRolePolicy({ RoleName, PolicyArn }: iam.AttachRolePolicyRequest) {
      roleOf(RoleName).attached.add(PolicyArn ?? '');
      return {};
    },
  };
}
