import { planGroup, planRole, planRoleAlias, type RoleState } from './account.ts';
import { answerOf, joined, type Call, type Plan } from './calls.ts';
import type { CertificateState } from './certificate.ts';
import {
  cloudThing,
  roleGroup,
  theatreGroup,
  thingOf,
  tokenExchangePolicy,
  tokenExchangeRole,
  type Box,
  type Place,
} from './names.ts';
import { boxPolicy, cloudPolicy, trustPolicy, websocketDocument } from './policies.ts';
import { planPolicy, type PolicyState } from './policy-plan.ts';

/** What AWS holds of a thing. */
export interface ThingState {
  readonly exists: boolean;
  /** Of the groups that the thing should be in: those that exist. */
  readonly groups: ReadonlySet<string>;
  readonly memberOf: ReadonlySet<string>;
  readonly policy: PolicyState | null;
  readonly certificates: readonly CertificateState[];
  /** Null where the box shares the account's role. */
  readonly own: { readonly role: RoleState | null; readonly roleAlias: boolean } | null;
}

/** How a box gets its identity. */
export type Means =
  /** From a signing request of the box; null where its certificate is on this machine already. */
  | { readonly by: 'csr'; readonly csrPem: string | null; readonly certificateArn: string | null }
  /** By a claim of its own later; what the claim needs is made now. */
  | { readonly by: 'claim' };

/** Names of the answers that a plan's calls give. */
export const certificateArn = 'certificateArn';
export const certificatePem = 'certificatePem';

const none: Plan = { calls: [], kept: [] };

function planThing(name: string, state: ThingState): Plan {
  if (state.exists) return { calls: [], kept: [`thing ${name}`] };
  const call: Call = {
    operation: 'iot:CreateThing',
    why: `thing ${name}`,
    input: { thingName: name },
  };
  return { calls: [call], kept: [] };
}

function planMembership(thing: string, group: string, state: ThingState): Plan {
  if (state.memberOf.has(group)) return { calls: [], kept: [`${thing} is in ${group}`] };
  const call: Call = {
    operation: 'iot:AddThingToThingGroup',
    why: `${thing} is one of ${group}`,
    input: { thingName: thing, thingGroupName: group },
  };
  return { calls: [call], kept: [] };
}

// A certificate that an earlier run made but could not attach is attached now: its ARN is known.
function planCertificate(thing: string, means: Means & { by: 'csr' }, state: ThingState): Plan {
  const calls: Call[] = [];
  const { csrPem } = means;
  if (means.certificateArn === null && csrPem !== null) {
    calls.push({
      operation: 'iot:CreateCertificateFromCsr',
      why: `certificate of ${thing}; its key stays where it was made`,
      input: { certificateSigningRequest: csrPem, setAsActive: true },
      answers: { [certificateArn]: 'certificateArn', [certificatePem]: 'certificatePem' },
    });
  }
  const arn = means.certificateArn ?? answerOf(certificateArn);
  const attached = state.certificates.find((one) => one.arn === arn);
  if (attached?.policies.includes(thing) !== true) {
    calls.push({
      operation: 'iot:AttachPolicy',
      why: `the certificate may do what policy ${thing} says`,
      input: { policyName: thing, target: arn },
    });
  }
  if (attached === undefined) {
    calls.push({
      operation: 'iot:AttachThingPrincipal',
      why: `the certificate is that of ${thing}`,
      input: { thingName: thing, principal: arn },
    });
  }
  return { calls, kept: calls.length === 0 ? [`certificate of ${thing}`] : [] };
}

/** A box, from nothing to what its nucleus can connect as. What exists is left. */
export function planBox(
  place: Place,
  box: Box,
  bucket: string | null,
  means: Means,
  state: ThingState,
): Plan {
  const thing = thingOf(box);
  const own = state.own === null || bucket === null ? null : state.own;
  const alias = own === null ? tokenExchangeRole : thing;
  const groups = [roleGroup(box.role), theatreGroup(box.theatreNo)];
  const role =
    own === null || bucket === null
      ? none
      : planRole(
          {
            name: thing,
            trust: trustPolicy(place, 'credentials.iot.amazonaws.com'),
            inline: { name: tokenExchangePolicy, document: websocketDocument(place, bucket, box) },
          },
          own.role,
        );
  return joined(
    role,
    own === null ? none : planRoleAlias(place, thing, own.roleAlias),
    planGroup(
      theatreGroup(box.theatreNo),
      `Every box of theatre ${box.theatreNo}`,
      state.groups.has(theatreGroup(box.theatreNo)),
    ),
    planPolicy(thing, boxPolicy(place, box, alias), state.policy),
    ...(means.by === 'claim'
      ? []
      : [
          planThing(thing, state),
          planCertificate(thing, means, state),
          ...groups.map((group) => planMembership(thing, group, state)),
        ]),
  );
}

/** A cloud worker: a thing and a certificate that hear every node and answer every node. */
export function planCloud(place: Place, means: Means & { by: 'csr' }, state: ThingState): Plan {
  return joined(
    planPolicy(cloudThing, cloudPolicy(place), state.policy),
    planThing(cloudThing, state),
    planCertificate(cloudThing, means, state),
  );
}

/**
 * A box that was stolen or is retired: its certificates are revoked first, which ends what it can
 * do at AWS, then it leaves the thing groups, so that no deployment waits for it.
 */
export function planRevocation(thing: string, state: ThingState): Plan {
  const certificates = state.certificates.flatMap(({ arn, active, policies }): Call[] => {
    const certificateId = arn.slice(arn.lastIndexOf('/') + 1);
    return [
      ...(active
        ? [
            {
              operation: 'iot:UpdateCertificate' as const,
              why: `the certificate of ${thing} is refused from now on`,
              input: { certificateId, newStatus: 'REVOKED' as const },
            },
          ]
        : []),
      ...policies.map((policyName) => ({
        operation: 'iot:DetachPolicy' as const,
        why: 'it may do nothing',
        input: { policyName, target: arn },
      })),
      {
        operation: 'iot:DetachThingPrincipal',
        why: `it is no longer that of ${thing}`,
        input: { thingName: thing, principal: arn },
      },
    ];
  });
  const groups = [...state.memberOf].map((thingGroupName): Call => ({
    operation: 'iot:RemoveThingFromThingGroup',
    why: `no deployment to ${thingGroupName} waits for it`,
    input: { thingName: thing, thingGroupName },
  }));
  return { calls: [...certificates, ...groups], kept: [] };
}
