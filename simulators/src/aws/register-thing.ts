import type * as iot from '@aws-sdk/client-iot';
import { z } from 'zod';

import { AwsError } from './answers.ts';
import type { World } from './world.ts';

const value = z.union([z.string(), z.strictObject({ Ref: z.string() })]);
const templateSchema = z.strictObject({
  Parameters: z.record(z.string(), z.strictObject({ Type: z.literal('String') })),
  Resources: z.strictObject({
    thing: z.strictObject({
      Type: z.literal('AWS::IoT::Thing'),
      Properties: z.strictObject({ ThingName: value, ThingGroups: z.array(value) }),
      OverrideSettings: z.record(z.string(), z.enum(['FAIL', 'DO_NOTHING', 'REPLACE'])),
    }),
    certificate: z.strictObject({
      Type: z.literal('AWS::IoT::Certificate'),
      Properties: z.strictObject({ CertificateId: value, Status: z.literal('Active') }),
    }),
    policy: z.strictObject({
      Type: z.literal('AWS::IoT::Policy'),
      Properties: z.strictObject({ PolicyName: value }),
    }),
  }),
});

interface Registry {
  CreateThing(input: iot.CreateThingRequest): unknown;
  AddThingToThingGroup(input: iot.AddThingToThingGroupRequest): unknown;
  AttachThingPrincipal(input: iot.AttachThingPrincipalRequest): unknown;
  UpdateCertificate(input: iot.UpdateCertificateRequest): unknown;
  DescribeCertificate(input: iot.DescribeCertificateRequest): {
    certificateDescription: { certificateArn: string; certificatePem: string };
  };
}

interface Policies {
  GetPolicy(input: iot.GetPolicyRequest): unknown;
  AttachPolicy(input: iot.AttachPolicyRequest): unknown;
}

/**
 * What AWS IoT does with a template when a box claims, or an operator registers one. A thing that
 * exists fails it, as the template's override settings ask; so does a policy that does not exist.
 */
export function registration(world: World, registry: Registry, policies: Policies) {
  return (input: iot.RegisterThingRequest): iot.RegisterThingResponse => {
    const parsed = templateSchema.safeParse(JSON.parse(input.templateBody ?? ''));
    if (!parsed.success) {
      throw new AwsError('InvalidRequestException', z.prettifyError(parsed.error));
    }
    const { Parameters, Resources } = parsed.data;
    const given = input.parameters ?? {};
    const missing = Object.keys(Parameters).filter((name) => given[name] === undefined);
    if (missing.length > 0) {
      throw new AwsError('InvalidRequestException', `Missing: ${missing.join(', ')}`);
    }
    const resolve = (one: z.infer<typeof value>): string =>
      typeof one === 'string' ? one : (given[one.Ref] ?? '');
    const thingName = resolve(Resources.thing.Properties.ThingName);
    const policyName = resolve(Resources.policy.Properties.PolicyName);
    if (world.things.has(thingName)) {
      throw new AwsError('ResourceRegistrationFailureException', `Thing ${thingName} exists`);
    }
    policies.GetPolicy({ policyName });
    const certificateId = resolve(Resources.certificate.Properties.CertificateId);
    const { certificateDescription } = registry.DescribeCertificate({ certificateId });
    const principal = certificateDescription.certificateArn;
    registry.CreateThing({ thingName });
    for (const group of Resources.thing.Properties.ThingGroups) {
      registry.AddThingToThingGroup({ thingName, thingGroupName: resolve(group) });
    }
    registry.UpdateCertificate({ certificateId, newStatus: 'ACTIVE' });
    policies.AttachPolicy({ policyName, target: principal });
    registry.AttachThingPrincipal({ thingName, principal });
    return {
      certificatePem: certificateDescription.certificatePem,
      resourceArns: { thing: `arn:aws:iot:${world.region}:${world.account}:thing/${thingName}` },
    };
  };
}
