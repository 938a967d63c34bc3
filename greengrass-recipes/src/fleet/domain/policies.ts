import { allUpFilter, downTopic, echoTopic, everyNode, upTopic } from '@foyer/contracts';

import {
  bucketArn,
  cloudThing,
  iotArn,
  partition,
  provisioningTemplate,
  thingOf,
  tokenExchangeRole,
  type Box,
  type Place,
} from './names.ts';

/** A policy of AWS IoT or IAM, as both write them. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: readonly Statement[];
}

interface Statement {
  Effect: 'Allow' | 'Deny';
  Principal?: { Service: string };
  Action: string | readonly string[];
  Resource?: string | readonly string[];
  Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** AWS IoT counts the characters of a policy, white space aside, and allows this many. */
export const maxIotPolicyChars = 2_048;

const document = (...Statement: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});

const allow = (
  Action: Statement['Action'],
  Resource: Statement['Resource'],
  Condition?: Statement['Condition'],
): Statement => ({
  Effect: 'Allow',
  Action,
  ...(Resource === undefined ? {} : { Resource }),
  ...(Condition === undefined ? {} : { Condition }),
});

/**
 * What the certificate of a box may do in AWS IoT: connect as its own thing, speak and listen on
 * its own topics, its own shadow and jobs, and what its nucleus needs.
 *
 * Every name is spelled out. AWS does not support `${iot:Connection.Thing.*}` for Greengrass core
 * devices, whose client ids are not always the thing's name; and AWS's own example, a thing's name
 * followed by `*`, would let gate-1 be gate-10.
 */
export function boxPolicy(place: Place, box: Box, roleAlias: string): PolicyDocument {
  const thing = thingOf(box);
  const { theatreNo, nodeId } = box;
  const arns = (kind: string, names: readonly string[]): string[] =>
    names.map((name) => iotArn(place, `${kind}/${name}`));
  // Its jobs, its shadows, and the health that its nucleus reports.
  const own = `$aws/things/${thing}/*`;
  const [up, echo] = [upTopic(theatreNo, nodeId), echoTopic(theatreNo, nodeId)];
  const heard = [downTopic(theatreNo, nodeId), downTopic(theatreNo, everyNode), echo, own];
  return document(
    allow('iot:Connect', arns('client', [thing, `${thing}#*`])),
    allow('iot:Publish', arns('topic', [up, echo, own])),
    allow('iot:Subscribe', arns('topicfilter', heard)),
    allow('iot:Receive', arns('topic', heard)),
    allow('iot:AssumeRoleWithCertificate', iotArn(place, `rolealias/${roleAlias}`)),
    allow(
      [
        'greengrass:GetComponentVersionArtifact',
        'greengrass:ResolveComponentCandidates',
        'greengrass:GetDeploymentConfiguration',
        'greengrass:ListThingGroupsForCoreDevice',
      ],
      '*',
    ),
  );
}

/** What a cloud worker may do in AWS IoT: hear every node, answer every node. */
export function cloudPolicy(place: Place): PolicyDocument {
  const all = allUpFilter.replaceAll('+', '*');
  return document(
    allow('iot:Connect', iotArn(place, `client/${cloudThing}*`)),
    allow(
      'iot:Subscribe',
      // Filters are compared as text; a shared subscription is a filter of its own.
      [allUpFilter, `$share/*/${allUpFilter}`].map((name) => iotArn(place, `topicfilter/${name}`)),
    ),
    allow('iot:Receive', iotArn(place, `topic/${all}`)),
    allow('iot:Publish', iotArn(place, `topic/${all.replace(/up$/, 'down')}`)),
  );
}

/**
 * What a claim certificate may do: ask for a certificate and for a thing. A nucleus that claims
 * makes up its client id; that of a box would end the box's connection.
 */
export function claimingPolicy(place: Place): PolicyDocument {
  const topics = [
    '$aws/certificates/create-from-csr/*',
    '$aws/certificates/create/*',
    `$aws/provisioning-templates/${provisioningTemplate}/provision/*`,
  ];
  const arns = (kind: string): string[] => topics.map((name) => iotArn(place, `${kind}/${name}`));
  return document(
    allow('iot:Connect', iotArn(place, 'client/*')),
    { Effect: 'Deny', Action: 'iot:Connect', Resource: iotArn(place, 'client/foyer-*') },
    allow(['iot:Publish', 'iot:Receive'], arns('topic')),
    allow('iot:Subscribe', arns('topicfilter')),
  );
}

/** Who may take a role: a service of AWS, for this account only. */
export function trustPolicy({ account }: Place, service: string): PolicyDocument {
  return document({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  });
}

/**
 * What a box may do at AWS with the credentials of the token exchange: fetch artifacts, put away
 * its own logs, read its own secrets. `credentials-iot:ThingName` is set by AWS from the
 * certificate.
 */
export function tokenExchangeDocument(place: Place, bucket: string): PolicyDocument {
  const thing = '${credentials-iot:ThingName}';
  const { account, region } = place;
  const secrets = `arn:${partition(region)}:secretsmanager:${region}:${account}:secret`;
  return document(
    allow('s3:GetObject', `${bucketArn(place, bucket)}/artifacts/*`),
    allow('s3:PutObject', `${bucketArn(place, bucket)}/logs/${thing}/*`),
    allow('secretsmanager:GetSecretValue', `${secrets}:foyer/${thing}/*`),
  );
}

/**
 * The same, and a connection to AWS IoT with these credentials (SigV4 over WebSocket) for one box:
 * a role of its own, since the thing's name does not tell IAM the box's topics.
 */
export function websocketDocument(place: Place, bucket: string, box: Box): PolicyDocument {
  const { theatreNo, nodeId } = box;
  const downs = [downTopic(theatreNo, nodeId), downTopic(theatreNo, everyNode)];
  return document(
    ...tokenExchangeDocument(place, bucket).Statement,
    allow('iot:Connect', iotArn(place, `client/${thingOf(box)}#*`)),
    allow('iot:Publish', iotArn(place, `topic/${upTopic(theatreNo, nodeId)}`)),
    allow(
      'iot:Subscribe',
      downs.map((name) => iotArn(place, `topicfilter/${name}`)),
    ),
    allow(
      'iot:Receive',
      downs.map((name) => iotArn(place, `topic/${name}`)),
    ),
  );
}

/** What the engineer who runs `foyer fleet` needs, and no more. */
export function operatorDocument(place: Place, bucket: string): PolicyDocument {
  const { account, region } = place;
  const world = partition(region);
  const greengrass = `arn:${world}:greengrass:${region}:${account}`;
  const roles = `arn:${world}:iam::${account}:role/`;
  return document(
    allow('sts:GetCallerIdentity', '*'),
    allow(
      [
        's3:CreateBucket',
        's3:ListBucket',
        's3:GetBucketPublicAccessBlock',
        's3:PutBucketPublicAccessBlock',
      ],
      bucketArn(place, bucket),
    ),
    allow(['s3:GetObject', 's3:PutObject'], `${bucketArn(place, bucket)}/artifacts/*`),
    allow(
      [
        'iam:GetRole',
        'iam:CreateRole',
        'iam:GetRolePolicy',
        'iam:PutRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:AttachRolePolicy',
        'iam:PassRole',
      ],
      [`${roles}Foyer*`, `${roles}foyer-*`],
    ),
    allow(iotActions, '*'),
    allow(
      [
        'greengrass:CreateComponentVersion',
        'greengrass:DescribeComponent',
        'greengrass:GetComponent',
      ],
      `${greengrass}:components:*`,
    ),
    allow(
      [
        'greengrass:CreateDeployment',
        'greengrass:GetDeployment',
        'greengrass:ListDeployments',
        'greengrass:CancelDeployment',
        'greengrass:ListCoreDevices',
        'greengrass:GetCoreDevice',
        'greengrass:DeleteCoreDevice',
        'greengrass:ListInstalledComponents',
        'greengrass:ListEffectiveDeployments',
      ],
      '*',
    ),
  );
}

// The last seven are used by Greengrass on behalf of whoever makes a deployment.
const iotActions = [
  'iot:DescribeEndpoint',
  'iot:DescribeThing',
  'iot:CreateThing',
  'iot:DescribeThingGroup',
  'iot:CreateThingGroup',
  'iot:AddThingToThingGroup',
  'iot:RemoveThingFromThingGroup',
  'iot:ListThingGroupsForThing',
  'iot:ListThingPrincipals',
  'iot:AttachThingPrincipal',
  'iot:DetachThingPrincipal',
  'iot:CreateCertificateFromCsr',
  'iot:DescribeCertificate',
  'iot:UpdateCertificate',
  'iot:ListAttachedPolicies',
  'iot:GetPolicy',
  'iot:CreatePolicy',
  'iot:ListPolicyVersions',
  'iot:CreatePolicyVersion',
  'iot:DeletePolicyVersion',
  'iot:AttachPolicy',
  'iot:DetachPolicy',
  'iot:DescribeRoleAlias',
  'iot:CreateRoleAlias',
  'iot:DescribeProvisioningTemplate',
  'iot:CreateProvisioningTemplate',
  'iot:CreateProvisioningTemplateVersion',
  'iot:CreateJob',
  'iot:DescribeJob',
  'iot:UpdateJob',
  'iot:CancelJob',
  'iot:DeleteThingShadow',
  'iot:GetThingShadow',
  'iot:UpdateThingShadow',
];

/** The documents by the names that `foyer fleet policy` knows them under. */
export const documentNames = [
  'operator',
  'box',
  'cloud',
  'claim',
  'token-exchange',
  'token-exchange-trust',
  'provisioning-trust',
  'websocket',
] as const;
export type DocumentName = (typeof documentNames)[number];

/** One of the documents; the bucket and the box matter to some of them only. */
export function documentOf(
  name: DocumentName,
  place: Place,
  bucket: string,
  box: Box,
): PolicyDocument {
  const documents: Record<DocumentName, () => PolicyDocument> = {
    operator: () => operatorDocument(place, bucket),
    box: () => boxPolicy(place, box, tokenExchangeRole),
    cloud: () => cloudPolicy(place),
    claim: () => claimingPolicy(place),
    'token-exchange': () => tokenExchangeDocument(place, bucket),
    'token-exchange-trust': () => trustPolicy(place, 'credentials.iot.amazonaws.com'),
    'provisioning-trust': () => trustPolicy(place, 'iot.amazonaws.com'),
    websocket: () => websocketDocument(place, bucket, box),
  };
  return documents[name]();
}
