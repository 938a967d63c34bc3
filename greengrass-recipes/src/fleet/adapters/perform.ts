import { readFile } from 'node:fs/promises';

import { FoyerError, isFoyerError } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';

import { withAnswers, type Call, type Inputs, type Operation } from '../domain/calls.ts';
import { sdk, type Aws, type Sdk } from './clients.ts';
import { explained } from './errors.ts';

type Performers = { [K in Operation]: (input: Inputs[K]) => Promise<object> };

const putObject = async (
  aws: Aws,
  { s3 }: Sdk,
  { Body, ...input }: Inputs['s3:PutObject'],
): Promise<object> =>
  aws.s3.send(new s3.PutObjectCommand({ ...input, Body: await readFile(Body.file) }));

function performers(aws: Aws, modules: Sdk): Performers {
  const { greengrass, iam, iot, s3 } = modules;
  return {
    's3:CreateBucket': (i) => aws.s3.send(new s3.CreateBucketCommand(i)),
    's3:PutPublicAccessBlock': (i) => aws.s3.send(new s3.PutPublicAccessBlockCommand(i)),
    's3:PutObject': (i) => putObject(aws, modules, i),
    'iam:CreateRole': (i) => aws.iam.send(new iam.CreateRoleCommand(i)),
    'iam:PutRolePolicy': (i) => aws.iam.send(new iam.PutRolePolicyCommand(i)),
    'iam:AttachRolePolicy': (i) => aws.iam.send(new iam.AttachRolePolicyCommand(i)),
    'iot:CreateRoleAlias': (i) => aws.iot.send(new iot.CreateRoleAliasCommand(i)),
    'iot:CreatePolicy': (i) => aws.iot.send(new iot.CreatePolicyCommand(i)),
    'iot:CreatePolicyVersion': (i) => aws.iot.send(new iot.CreatePolicyVersionCommand(i)),
    'iot:DeletePolicyVersion': (i) => aws.iot.send(new iot.DeletePolicyVersionCommand(i)),
    'iot:CreateProvisioningTemplate': (i) =>
      aws.iot.send(new iot.CreateProvisioningTemplateCommand(i)),
    'iot:CreateProvisioningTemplateVersion': (i) =>
      aws.iot.send(new iot.CreateProvisioningTemplateVersionCommand(i)),
    'iot:CreateThing': (i) => aws.iot.send(new iot.CreateThingCommand(i)),
    'iot:CreateThingGroup': (i) => aws.iot.send(new iot.CreateThingGroupCommand(i)),
    'iot:AddThingToThingGroup': (i) => aws.iot.send(new iot.AddThingToThingGroupCommand(i)),
    'iot:RemoveThingFromThingGroup': (i) =>
      aws.iot.send(new iot.RemoveThingFromThingGroupCommand(i)),
    'iot:CreateCertificateFromCsr': (i) => aws.iot.send(new iot.CreateCertificateFromCsrCommand(i)),
    'iot:UpdateCertificate': (i) => aws.iot.send(new iot.UpdateCertificateCommand(i)),
    'iot:AttachPolicy': (i) => aws.iot.send(new iot.AttachPolicyCommand(i)),
    'iot:DetachPolicy': (i) => aws.iot.send(new iot.DetachPolicyCommand(i)),
    'iot:AttachThingPrincipal': (i) => aws.iot.send(new iot.AttachThingPrincipalCommand(i)),
    'iot:DetachThingPrincipal': (i) => aws.iot.send(new iot.DetachThingPrincipalCommand(i)),
    'greengrassv2:CreateComponentVersion': (i) =>
      aws.greengrass.send(new greengrass.CreateComponentVersionCommand(i)),
    'greengrassv2:CreateDeployment': (i) =>
      aws.greengrass.send(new greengrass.CreateDeploymentCommand(i)),
  };
}

// The union of calls is one of pairs that fit; TypeScript cannot see that across the lookup.
function start<K extends Operation>(table: Performers, operation: K, input: Inputs[K]) {
  return table[operation](input);
}

/** A role takes seconds until all of AWS knows it; until then what names it is refused. */
const roleTries = 6;
const roleWaitMs = 3_000;
const namesRole = new Set<Operation>(['iot:CreateRoleAlias', 'iot:CreateProvisioningTemplate']);

const wait = (clock: Clock, why: string, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(why, ms, resolve);
  });

export interface Performance {
  readonly clock: Clock;
  /** A line for who waits, before each call. */
  readonly progress: (line: string) => void;
  /** An answer that is needed later, as soon as it is known: what must not be lost is kept here. */
  readonly answered?: (name: string, value: string) => void;
}

/**
 * Makes the calls of a plan, one after the other. The SDK tries again what may pass by itself, a
 * bounded number of times. Throws FoyerError that says how far it came; the same plan made anew
 * goes on from there.
 */
export async function perform(
  calls: readonly Call[],
  aws: Aws,
  { clock, progress, answered }: Performance,
): Promise<void> {
  const table = performers(aws, await sdk());
  const answers = new Map<string, string>();
  const attempt = async (call: Call): Promise<object> => {
    const input = withAnswers(call.input, answers);
    for (let tries = 1; ; tries += 1) {
      try {
        return await start(table, call.operation, input as never);
      } catch (error) {
        const early = error instanceof Error && error.name === 'InvalidRequestException';
        if (!early || !namesRole.has(call.operation) || tries === roleTries) throw error;
        progress('  the new role is not known everywhere yet: once more in 3 s');
        await wait(clock, 'a new role becomes known', roleWaitMs);
      }
    }
  };
  for (const [index, call] of calls.entries()) {
    progress(`${index + 1}/${calls.length} ${call.operation}: ${call.why}`);
    try {
      const output = await attempt(call);
      for (const [name, member] of Object.entries(call.answers ?? {})) {
        const value: unknown = Reflect.get(output, member);
        if (typeof value !== 'string') throw new Error(`its answer has no ${member}`);
        answers.set(name, value);
        answered?.(name, value);
      }
    } catch (error) {
      throw stopped(explained(error, call.operation), index, calls.length);
    }
  }
}

function stopped(error: unknown, done: number, all: number): unknown {
  if (!isFoyerError(error)) return error;
  const far = `${done} of ${all} calls were made.`;
  const { code, message, whatToDo } = error;
  return new FoyerError(code, `${message} ${far}`, { cause: error, whatToDo });
}
