/** What a box that claims must tell of itself. */
export const templateParameters = ['ThingName', 'RoleGroup', 'TheatreGroup'] as const;
export type TemplateParameters = Readonly<Record<(typeof templateParameters)[number], string>>;

const ref = (name: string): { Ref: string } => ({ Ref: name });

/**
 * The provisioning template that a box claims its identity with. Its policy bears the thing's name
 * and must exist, so only a box that was announced (`foyer fleet provision --claim`) can claim; a
 * thing that exists is refused, so it can do so once.
 */
export const templateBody = {
  Parameters: Object.fromEntries(
    [...templateParameters, 'AWS::IoT::Certificate::Id'].map((name) => [name, { Type: 'String' }]),
  ),
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: {
        ThingName: ref('ThingName'),
        ThingGroups: [ref('RoleGroup'), ref('TheatreGroup')],
      },
      OverrideSettings: { AttributePayload: 'FAIL', ThingTypeName: 'FAIL', ThingGroups: 'FAIL' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: ref('AWS::IoT::Certificate::Id'), Status: 'Active' },
    },
    policy: {
      Type: 'AWS::IoT::Policy',
      Properties: { PolicyName: ref('ThingName') },
    },
  },
} as const;
