import {
  claimCertificateArn,
  claimCertificatePem,
  planAccount,
  type AccountState,
  type ClaimState,
} from '../domain/account.ts';
import {
  claimPolicy,
  cloudThing,
  provisioningRole,
  provisioningTemplate,
  roleGroup,
  tokenExchangePolicy,
  tokenExchangeRole,
} from '../domain/names.ts';
import { boxFiles } from '../domain/nucleus-config.ts';
import { sdk, type Aws, type Sdk } from '../adapters/clients.ts';
import { explained, orNull } from '../adapters/errors.ts';
import { identityFiles, type HeldIdentity } from '../adapters/identity-files.ts';
import { readers } from '../adapters/read.ts';
import type { Task } from './task.ts';

export interface SetupOptions {
  readonly bucket: string;
  /** Where the claim certificate is kept; without it no box can claim. */
  readonly claimDir?: string | undefined;
  readonly dryRun: boolean;
}

const claimFiles = {
  key: boxFiles.claimKey,
  csr: 'claim.csr',
  certificate: boxFiles.claimCertificate,
};

async function bucketState(aws: Aws, { s3 }: Sdk, Bucket: string): Promise<AccountState['bucket']> {
  const head = await orNull(aws.s3.send(new s3.HeadBucketCommand({ Bucket })));
  if (head === null) return { exists: false, private: false };
  const block = await orNull(aws.s3.send(new s3.GetPublicAccessBlockCommand({ Bucket })));
  const set = Object.values(block?.PublicAccessBlockConfiguration ?? {});
  return { exists: true, private: set.length === 4 && set.every(Boolean) };
}

async function templateState(aws: Aws, { iot }: Sdk): Promise<unknown> {
  const command = new iot.DescribeProvisioningTemplateCommand({
    templateName: provisioningTemplate,
  });
  const found = await orNull(aws.iot.send(command));
  return found === null ? null : JSON.parse(found.templateBody ?? '{}');
}

/** What an account needs once, before its first theatre. */
export async function setupTask(aws: Aws, options: SetupOptions): Promise<Task> {
  const modules = await sdk();
  const read = readers(aws, modules);
  const { bucket, claimDir, dryRun } = options;
  const files = claimDir === undefined ? null : identityFiles(claimDir, claimFiles);
  const claimState = async (dir: string, held: HeldIdentity): Promise<ClaimState> => ({
    role: await read.role(provisioningRole, null),
    templateBody: await templateState(aws, modules),
    policy: await read.policy(claimPolicy),
    certificate:
      held.certificateArn === null
        ? { csrPem: held.csrPem ?? '' }
        : await read.heldCertificate(held.certificateArn, dir),
  });
  try {
    const held = await files?.prepare('foyer-claim', { dryRun });
    const state: AccountState = {
      bucket: await bucketState(aws, modules, bucket),
      tokenExchange: await read.role(tokenExchangeRole, tokenExchangePolicy),
      roleAlias: await read.roleAlias(tokenExchangeRole),
      groups: await read.groups((['theatre', 'gate', 'screen'] as const).map(roleGroup)),
      cloudPolicy: await read.policy(cloudThing),
      claim: held === undefined || claimDir === undefined ? null : await claimState(claimDir, held),
    };
    const answers = new Map<string, string>();
    return {
      plan: planAccount(aws.place, bucket, state),
      answered(name, value) {
        answers.set(name, value);
        const arn = answers.get(claimCertificateArn);
        const pem = answers.get(claimCertificatePem);
        if (arn !== undefined && pem !== undefined) files?.keep(arn, pem);
      },
      finish: () =>
        files === null
          ? []
          : [`The claim certificate: ${files.paths.certificate}, its key: ${files.paths.key}`],
    };
  } catch (error) {
    throw explained(error, 'reading what the account holds');
  }
}
