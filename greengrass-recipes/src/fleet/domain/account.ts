import { answerOf, joined, type Call, type Plan } from './calls.ts';
import type { CertificateState } from './certificate.ts';
import {
  claimPolicy,
  cloudThing,
  provisioningRole,
  provisioningTemplate,
  registrationPolicyArn,
  roleArn,
  roleGroup,
  tokenExchangePolicy,
  tokenExchangeRole,
  type Place,
} from './names.ts';
import {
  claimingPolicy,
  cloudPolicy,
  tokenExchangeDocument,
  trustPolicy,
  type PolicyDocument,
} from './policies.ts';
import { planPolicy, type PolicyState } from './policy-plan.ts';
import { same } from './same.ts';
import { templateBody } from './template.ts';

/** A role as it is, or null where there is none. */
export interface RoleState {
  /** Names of inline policies that Foyer puts, and their documents. */
  readonly inline: Readonly<Record<string, unknown>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

/** What an account holds of what Foyer needs once for each account and region. */
export interface AccountState {
  readonly bucket: { readonly exists: boolean; readonly private: boolean };
  readonly tokenExchange: RoleState | null;
  readonly roleAlias: boolean;
  readonly groups: ReadonlySet<string>;
  readonly cloudPolicy: PolicyState | null;
  /** Null where claiming is not wanted. */
  readonly claim: ClaimState | null;
}

export interface ClaimState {
  readonly role: RoleState | null;
  /** The body of the template's default version, or null where there is no template. */
  readonly templateBody: unknown;
  readonly policy: PolicyState | null;
  /** PEM of a signing request, or the certificate that was made of it. */
  readonly certificate: { readonly csrPem: string } | CertificateState;
}

/** ARN of the claim certificate, once the plan's calls were made. */
export const claimCertificateArn = 'claimCertificateArn';
export const claimCertificatePem = 'claimCertificatePem';

function planBucket(place: Place, Bucket: string, state: AccountState['bucket']): Plan {
  const calls: Call[] = [];
  // us-east-1 is the default and may not be named.
  const configuration =
    place.region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: place.region as 'eu-central-1' } };
  if (!state.exists) {
    calls.push({
      operation: 's3:CreateBucket',
      why: `bucket ${Bucket} for artifacts`,
      input: { Bucket, ...configuration },
    });
  }
  if (!state.private) {
    calls.push({
      operation: 's3:PutPublicAccessBlock',
      why: `nothing in ${Bucket} is ever public`,
      input: {
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  }
  return { calls, kept: calls.length === 0 ? [`bucket ${Bucket}`] : [] };
}

interface RoleWish {
  readonly name: string;
  readonly trust: PolicyDocument;
  readonly inline?: { readonly name: string; readonly document: PolicyDocument };
  readonly attached?: string;
}

/** A role with its policy; one that exists gets the policy that it lacks. */
export function planRole(wish: RoleWish, state: RoleState | null): Plan {
  const calls: Call[] = [];
  const { name, trust, inline, attached } = wish;
  if (state === null) {
    calls.push({
      operation: 'iam:CreateRole',
      why: `role ${name}`,
      input: { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) },
    });
  }
  if (inline !== undefined && !same(state?.inline[inline.name], inline.document)) {
    calls.push({
      operation: 'iam:PutRolePolicy',
      why: `what ${name} may do`,
      input: {
        RoleName: name,
        PolicyName: inline.name,
        PolicyDocument: JSON.stringify(inline.document),
      },
    });
  }
  if (attached !== undefined && state?.attached.includes(attached) !== true) {
    calls.push({
      operation: 'iam:AttachRolePolicy',
      why: `what ${name} may do, by AWS's own policy`,
      input: { RoleName: name, PolicyArn: attached },
    });
  }
  return { calls, kept: calls.length === 0 ? [`role ${name}`] : [] };
}

/** The name under which boxes get credentials of a role; they last an hour. */
export function planRoleAlias(place: Place, role: string, exists: boolean): Plan {
  if (exists) return { calls: [], kept: [`role alias ${role}`] };
  const call: Call = {
    operation: 'iot:CreateRoleAlias',
    why: `boxes get credentials of ${role} by their certificates`,
    input: {
      roleAlias: role,
      roleArn: roleArn(place, role),
      credentialDurationSeconds: 3_600,
    },
  };
  return { calls: [call], kept: [] };
}

export function planGroup(name: string, description: string, exists: boolean): Plan {
  if (exists) return { calls: [], kept: [`thing group ${name}`] };
  const call: Call = {
    operation: 'iot:CreateThingGroup',
    why: `thing group ${name}`,
    input: {
      thingGroupName: name,
      thingGroupProperties: { thingGroupDescription: description },
    },
  };
  return { calls: [call], kept: [] };
}

function planTemplate(place: Place, existing: unknown): Plan {
  const body = JSON.stringify(templateBody);
  if (existing === null) {
    const call: Call = {
      operation: 'iot:CreateProvisioningTemplate',
      why: `template ${provisioningTemplate}: what a box that claims becomes`,
      input: {
        templateName: provisioningTemplate,
        description: 'A box of Foyer, announced before it claims',
        templateBody: body,
        provisioningRoleArn: roleArn(place, provisioningRole),
        enabled: true,
        type: 'FLEET_PROVISIONING',
      },
    };
    return { calls: [call], kept: [] };
  }
  if (same(existing, templateBody)) {
    return { calls: [], kept: [`template ${provisioningTemplate}`] };
  }
  const call: Call = {
    operation: 'iot:CreateProvisioningTemplateVersion',
    why: `template ${provisioningTemplate} says something else`,
    input: { templateName: provisioningTemplate, templateBody: body, setAsDefault: true },
  };
  return { calls: [call], kept: [] };
}

function planClaimCertificate(certificate: ClaimState['certificate']): Plan {
  const calls: Call[] = [];
  const made = 'arn' in certificate;
  if (!made) {
    calls.push({
      operation: 'iot:CreateCertificateFromCsr',
      why: 'the certificate that boxes claim with; its key stays here',
      input: { certificateSigningRequest: certificate.csrPem, setAsActive: true },
      answers: {
        [claimCertificateArn]: 'certificateArn',
        [claimCertificatePem]: 'certificatePem',
      },
    });
  }
  if (!made || !certificate.policies.includes(claimPolicy)) {
    calls.push({
      operation: 'iot:AttachPolicy',
      why: 'it may claim, nothing else',
      input: {
        policyName: claimPolicy,
        target: made ? certificate.arn : answerOf(claimCertificateArn),
      },
    });
  }
  return { calls, kept: calls.length === 0 ? ['claim certificate'] : [] };
}

function planClaim(place: Place, state: ClaimState): Plan {
  const role = {
    name: provisioningRole,
    trust: trustPolicy(place, 'iot.amazonaws.com'),
    attached: registrationPolicyArn(place),
  };
  return joined(
    planRole(role, state.role),
    planTemplate(place, state.templateBody),
    planPolicy(claimPolicy, claimingPolicy(place), state.policy),
    planClaimCertificate(state.certificate),
  );
}

/** What an account lacks before its first theatre. `bucket` is where artifacts go. */
export function planAccount(place: Place, bucket: string, state: AccountState): Plan {
  const role = {
    name: tokenExchangeRole,
    trust: trustPolicy(place, 'credentials.iot.amazonaws.com'),
    inline: { name: tokenExchangePolicy, document: tokenExchangeDocument(place, bucket) },
  };
  const groups = (['theatre', 'gate', 'screen'] as const).map((part) => {
    const name = roleGroup(part);
    const what = part === 'theatre' ? 'The server' : `Every ${part}`;
    return planGroup(name, `${what} of each theatre`, state.groups.has(name));
  });
  return joined(
    planBucket(place, bucket, state.bucket),
    planRole(role, state.tokenExchange),
    planRoleAlias(place, tokenExchangeRole, state.roleAlias),
    ...groups,
    planPolicy(cloudThing, cloudPolicy(place), state.cloudPolicy),
    ...(state.claim === null ? [] : [planClaim(place, state.claim)]),
  );
}
