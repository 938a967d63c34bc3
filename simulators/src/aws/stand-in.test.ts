import { randomUUID } from 'node:crypto';

import { GetComponentCommand, GreengrassV2Client } from '@aws-sdk/client-greengrassv2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateThingCommand, DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { startAwsStandIn, type AwsStandIn } from './stand-in.ts';

let aws: AwsStandIn;

beforeEach(async () => {
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
  aws = await startAwsStandIn();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

const settings = () => ({
  endpoint: aws.url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: randomUUID() },
  maxAttempts: 2,
});

test('a request that the model does not allow is refused, and each fault is recorded', async () => {
  const iot = new IoTClient(settings());
  await expect(iot.send(new CreateThingCommand({ thingName: 'no spaces' }))).rejects.toThrow(
    'does not match',
  );
  await expect(
    iot.send(new DescribeEndpointCommand({ endpointType: 'x'.repeat(200) })),
  ).rejects.toThrow('over 128');
  expect(aws.violations).toEqual([
    expect.stringMatching(/^iot:CreateThing input\.thingName: "no spaces" does not match/),
    expect.stringMatching(/^iot:DescribeEndpoint input\.endpointType: length 200 is over 128/),
  ]);
  expect(aws.world.things.size).toBe(0);
});

test('a member that the model does not have is told, wherever it is sent', async () => {
  const signature = 'AWS4-HMAC-SHA256 Credential=AKID/20261130/eu-central-1/iot/aws4_request';
  const send = (path: string, body: object) =>
    fetch(`${aws.url}${path}`, {
      method: 'POST',
      headers: { authorization: signature, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await send('/things/a', { thingColour: 'red' })).status).toBe(400);
  expect((await send('/things/a?colour=red', {})).status).toBe(400);
  expect((await send('/nothing/here', {})).status).toBe(400);
  expect(aws.violations).toEqual([
    'iot:CreateThing input.thingColour: the model has no such member',
    'iot:CreateThing ?colour: the model has no such member',
    'iot has no operation POST /nothing/here',
  ]);
});

test('an answer that the model does not allow is recorded, too', async () => {
  const iot = new IoTClient(settings());
  aws.world.things.set('a thing', { principals: new Set() });
  await iot.send(new CreateThingCommand({ thingName: 'fine' }));
  expect(aws.violations).toEqual([]);
  aws.world.certificates.set('x', {
    id: 'x',
    arn: 'arn:aws:iot:eu-central-1:111122223333:cert/x',
    pem: 'PEM',
    status: 'ACTIVE',
    policies: new Set(),
  });
  const { DescribeCertificateCommand } = await import('@aws-sdk/client-iot');
  const command = new DescribeCertificateCommand({ certificateId: 'x' });
  await iot.send(command).catch(() => null);
  expect(aws.violations[0]).toMatch(/certificateId: (length 1 is under 64|"x" does not match)/);
});

test('each protocol says that something is absent in its own way', async () => {
  const greengrass = new GreengrassV2Client(settings());
  const arn = 'arn:aws:greengrass:eu-central-1:111122223333:components:a:versions:1.0.0';
  await expect(greengrass.send(new GetComponentCommand({ arn }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(
    new IAMClient(settings()).send(new GetRoleCommand({ RoleName: 'none' })),
  ).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  const s3 = new S3Client({ ...settings(), forcePathStyle: true });
  await expect(s3.send(new HeadBucketCommand({ Bucket: 'none' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  expect(aws.violations).toEqual([]);
});

test('an upload whose digest does not fit is refused', async () => {
  const s3 = new S3Client({ ...settings(), forcePathStyle: true });
  aws.world.buckets.set('bucket', { private: true, objects: new Map() });
  const input = { Bucket: 'bucket', Key: 'k', Body: 'text', ChecksumSHA256: 'A'.repeat(43) + '=' };
  await expect(s3.send(new PutObjectCommand(input))).rejects.toMatchObject({ name: 'BadDigest' });
  expect(aws.violations).toEqual([]);
});

test('a call is refused as often as it was asked to be', async () => {
  const iot = new IoTClient({ ...settings(), maxAttempts: 1 });
  aws.refuse('iot:CreateThing', 'ThrottlingException', 1);
  const command = new CreateThingCommand({ thingName: 'thing' });
  await expect(iot.send(command)).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(iot.send(command)).resolves.toMatchObject({ thingName: 'thing' });
});
