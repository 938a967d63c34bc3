/** An account at AWS, as far as a fleet of Foyer touches it. */
export interface World {
  readonly account: string;
  readonly region: string;
  readonly nowMs: () => number;
  readonly buckets: Map<string, Bucket>;
  readonly roles: Map<string, Role>;
  readonly aliases: Map<string, { readonly roleArn: string }>;
  readonly policies: Map<string, IotPolicy>;
  readonly groups: Map<string, { readonly description: string; readonly things: Set<string> }>;
  readonly things: Map<string, { readonly principals: Set<string> }>;
  readonly certificates: Map<string, Certificate>;
  readonly templates: Map<string, { body: string; readonly roleArn: string }>;
  readonly components: Map<string, Component>;
  /** Times that a new component is looked at before it is deployable. */
  componentLooks: number;
  readonly deployments: Deployment[];
  /** What boxes have told Greengrass, by thing. */
  readonly devices: Map<string, Device>;
}

interface Bucket {
  private: boolean;
  readonly objects: Map<string, { readonly body: Uint8Array; readonly sha256: string | undefined }>;
}

interface Role {
  readonly trust: string;
  readonly inline: Map<string, string>;
  readonly attached: Set<string>;
  /** Calls that name the role and are still refused: not all of AWS knows it yet. */
  unknownFor: number;
}

interface IotPolicy {
  readonly versions: Map<string, string>;
  defaultVersion: string;
  made: number;
}

interface Certificate {
  readonly arn: string;
  readonly id: string;
  readonly pem: string;
  status: 'ACTIVE' | 'INACTIVE' | 'REVOKED';
  readonly policies: Set<string>;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly createdMs: number;
  /** Looks until it is deployable. */
  pendingFor: number;
  readonly failure: string | null;
}

export interface Deployment {
  readonly id: string;
  readonly revision: string;
  readonly targetArn: string;
  readonly name: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
  readonly createdMs: number;
  status: 'ACTIVE' | 'COMPLETED' | 'CANCELED' | 'FAILED' | 'INACTIVE';
}

/** A core device as it last reported. */
export interface Device {
  readonly status: 'HEALTHY' | 'UNHEALTHY';
  readonly heardMs: number;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly state: 'RUNNING' | 'BROKEN' | 'FINISHED';
  }[];
  /** How the deployment of that id went. */
  readonly deployment?: {
    readonly id: string;
    readonly status: 'COMPLETED' | 'IN_PROGRESS' | 'FAILED';
  };
}

/** An account in which nothing was ever made. */
export function emptyWorld(account: string, region: string, nowMs: () => number): World {
  return {
    account,
    region,
    nowMs,
    buckets: new Map(),
    roles: new Map(),
    aliases: new Map(),
    policies: new Map(),
    groups: new Map(),
    things: new Map(),
    certificates: new Map(),
    templates: new Map(),
    components: new Map(),
    componentLooks: 0,
    deployments: [],
    devices: new Map(),
  };
}
