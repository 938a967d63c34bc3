import { thingName, type NodeId, type Role, type TheatreNo } from '@foyer/contracts';

/** The AWS account and region that a plan is for. */
export interface Place {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/** A box: a node of a theatre, and its part. */
export interface Box {
  readonly theatreNo: TheatreNo;
  readonly nodeId: NodeId;
  readonly role: Role;
}

export const tokenExchangeRole = 'FoyerTokenExchange';
export const tokenExchangePolicy = 'foyer-token-exchange';
export const provisioningRole = 'FoyerProvisioning';
export const provisioningTemplate = 'foyer-node';
export const claimPolicy = 'foyer-claim';
export const cloudThing = 'foyer-cloud';

/** AWS's own policy for roles that provisioning templates act in. */
export const registrationPolicyArn = ({ region }: Place): string =>
  `arn:${partition(region)}:iam::aws:policy/service-role/AWSIoTThingsRegistration`;

export const thingOf = ({ theatreNo, nodeId }: Box): string => thingName(theatreNo, nodeId);

/** What is deployed to: every box of a role, in all theatres. */
export const roleGroup = (role: Role): string => `foyer-${role}`;

/** All boxes of a theatre, to find them and to send them jobs; nothing is deployed to it. */
export const theatreGroup = (theatreNo: TheatreNo): string => `foyer-theatre-${theatreNo}`;

/** The part of ARNs that tells AWS's separate worlds apart. */
export function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export const iotArn = ({ account, region }: Place, resource: string): string =>
  `arn:${partition(region)}:iot:${region}:${account}:${resource}`;

export const roleArn = ({ account, region }: Place, role: string): string =>
  `arn:${partition(region)}:iam::${account}:role/${role}`;

export const bucketArn = ({ region }: Place, bucket: string): string =>
  `arn:${partition(region)}:s3:::${bucket}`;

export const componentArn = (place: Place, name: string, version: string): string => {
  const world = `arn:${partition(place.region)}:greengrass:${place.region}:${place.account}`;
  return `${world}:components:${name}:versions:${version}`;
};
