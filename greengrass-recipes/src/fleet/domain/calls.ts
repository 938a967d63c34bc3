import type * as greengrass from '@aws-sdk/client-greengrassv2';
import type * as iam from '@aws-sdk/client-iam';
import type * as iot from '@aws-sdk/client-iot';
import type * as s3 from '@aws-sdk/client-s3';

/** A file that is the body of a request; the path is one of this machine. */
export interface FileBody {
  file: string;
}

/** What changes something at AWS, and the SDK's own input for it. */
export interface Inputs {
  's3:CreateBucket': s3.CreateBucketCommandInput;
  's3:PutPublicAccessBlock': s3.PutPublicAccessBlockCommandInput;
  's3:PutObject': Omit<s3.PutObjectCommandInput, 'Body'> & { Body: FileBody };
  'iam:CreateRole': iam.CreateRoleCommandInput;
  'iam:PutRolePolicy': iam.PutRolePolicyCommandInput;
  'iam:AttachRolePolicy': iam.AttachRolePolicyCommandInput;
  'iot:CreateRoleAlias': iot.CreateRoleAliasCommandInput;
  'iot:CreatePolicy': iot.CreatePolicyCommandInput;
  'iot:CreatePolicyVersion': iot.CreatePolicyVersionCommandInput;
  'iot:DeletePolicyVersion': iot.DeletePolicyVersionCommandInput;
  'iot:CreateProvisioningTemplate': iot.CreateProvisioningTemplateCommandInput;
  'iot:CreateProvisioningTemplateVersion': iot.CreateProvisioningTemplateVersionCommandInput;
  'iot:CreateThing': iot.CreateThingCommandInput;
  'iot:CreateThingGroup': iot.CreateThingGroupCommandInput;
  'iot:AddThingToThingGroup': iot.AddThingToThingGroupCommandInput;
  'iot:RemoveThingFromThingGroup': iot.RemoveThingFromThingGroupCommandInput;
  'iot:CreateCertificateFromCsr': iot.CreateCertificateFromCsrCommandInput;
  'iot:UpdateCertificate': iot.UpdateCertificateCommandInput;
  'iot:AttachPolicy': iot.AttachPolicyCommandInput;
  'iot:DetachPolicy': iot.DetachPolicyCommandInput;
  'iot:AttachThingPrincipal': iot.AttachThingPrincipalCommandInput;
  'iot:DetachThingPrincipal': iot.DetachThingPrincipalCommandInput;
  'greengrassv2:CreateComponentVersion': greengrass.CreateComponentVersionCommandInput;
  'greengrassv2:CreateDeployment': greengrass.CreateDeploymentCommandInput;
}

export type Operation = keyof Inputs;

/** One call that a plan consists of. */
export type Call = {
  [K in Operation]: {
    readonly operation: K;
    readonly input: Inputs[K];
    /** For people: what it is for, as "the thing of gate-1". */
    readonly why: string;
    /** Names of answers that later calls need, and the member of this call's output that is one. */
    readonly answers?: Readonly<Record<string, string>>;
  };
}[Operation];

/** What is there already and stays, for people. */
export interface Plan {
  readonly calls: readonly Call[];
  readonly kept: readonly string[];
}

/** Stands in an input for an answer that is not known before the calls are made. */
export function answerOf(name: string): string {
  return `{{${name}}}`;
}

/** The input with every answer put in. Throws an Error for one that no call gave. */
export function withAnswers<T>(input: T, answers: ReadonlyMap<string, string>): T {
  const put = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const name = /^\{\{(\w+)\}\}$/.exec(value)?.[1];
      if (name === undefined) return value;
      const answer = answers.get(name);
      if (answer === undefined) throw new Error(`no call answered ${name}`);
      return answer;
    }
    if (Array.isArray(value)) return value.map(put);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, put(inner)]));
  };
  return put(input) as T;
}

/** Two plans, one after the other. */
export function joined(...plans: readonly Plan[]): Plan {
  return {
    calls: plans.flatMap(({ calls }) => calls),
    kept: plans.flatMap(({ kept }) => kept),
  };
}
