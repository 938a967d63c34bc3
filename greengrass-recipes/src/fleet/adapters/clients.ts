import { FoyerError } from '@foyer/contracts';
import type { GreengrassV2Client } from '@aws-sdk/client-greengrassv2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { IoTClient } from '@aws-sdk/client-iot';
import type { S3Client } from '@aws-sdk/client-s3';

import type { Place } from '../domain/names.ts';
import { explained } from './errors.ts';

/** The clients of one account and region. */
export interface Aws {
  readonly place: Place;
  readonly greengrass: GreengrassV2Client;
  readonly iam: IAMClient;
  readonly iot: IoTClient;
  readonly s3: S3Client;
  close(): void;
}

export interface AwsSettings {
  /** Where it is not said, the SDK looks into AWS_REGION and the profile. */
  readonly region?: string | undefined;
  /** The URL of something that answers in the place of AWS. */
  readonly endpoint?: string | undefined;
}

/** Tries of one call, the first included; only what may pass by itself is tried again. */
const maxAttempts = 5;
const connectionTimeoutMs = 5_000;
const requestTimeoutMs = 120_000;

/** The SDK's modules. They are loaded when a command needs them: that takes a good second. */
export async function sdk() {
  // It would tell every reader that its versions of next year need a newer Node; ours are pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const [greengrass, iam, iot, s3] = await Promise.all([
    import('@aws-sdk/client-greengrassv2'),
    import('@aws-sdk/client-iam'),
    import('@aws-sdk/client-iot'),
    import('@aws-sdk/client-s3'),
  ]);
  return { greengrass, iam, iot, s3 };
}

export type Sdk = Awaited<ReturnType<typeof sdk>>;

/**
 * Connects with the SDK's own search for credentials and region (environment, profile, SSO, role),
 * and asks whose account it is. Throws FoyerError `config-invalid` without a region, `unauthorised`
 * for credentials that are missing or refused.
 */
export async function connect(settings: AwsSettings): Promise<Aws> {
  const { region, endpoint = process.env.AWS_ENDPOINT_URL } = settings;
  const { greengrass, iam, iot, s3 } = await sdk();
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const config = {
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const sts = new STSClient(config);
  try {
    const known = await sts.config.region().catch((cause: unknown) => {
      throw new FoyerError('config-invalid', 'No AWS region is given.', {
        cause,
        whatToDo: 'Say --region, as eu-central-1, or set AWS_REGION.',
      });
    });
    const { Account: account } = await sts.send(new GetCallerIdentityCommand({}));
    if (account === undefined) throw new FoyerError('unauthorised', 'AWS names no account.');
    const clients = {
      greengrass: new greengrass.GreengrassV2Client(config),
      iam: new iam.IAMClient(config),
      iot: new iot.IoTClient(config),
      // A bucket as part of the host's name needs a name server for the stand-in's host.
      s3: new s3.S3Client({ ...config, forcePathStyle: endpoint !== undefined }),
    };
    return {
      place: { account, region: known },
      ...clients,
      close() {
        for (const client of Object.values(clients)) client.destroy();
      },
    };
  } catch (error) {
    throw explained(error, 'sts:GetCallerIdentity');
  } finally {
    sts.destroy();
  }
}
