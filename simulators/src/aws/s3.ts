import { createHash } from 'node:crypto';

import type * as s3 from '@aws-sdk/client-s3';

import { AwsError } from './answers.ts';
import type { World } from './world.ts';

/** S3 as far as artifacts go. */
export function s3Handlers(world: World) {
  const bucketOf = (name: string | undefined) => {
    const bucket = world.buckets.get(name ?? '');
    if (bucket === undefined) {
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist');
    }
    return bucket;
  };
  return {
    HeadBucket({ Bucket }: s3.HeadBucketRequest) {
      bucketOf(Bucket);
      return {};
    },
    CreateBucket({ Bucket, CreateBucketConfiguration }: s3.CreateBucketRequest) {
      const region = CreateBucketConfiguration?.LocationConstraint ?? 'us-east-1';
      if (region !== world.region) {
        const message = `The ${region} location constraint is incompatible for the region`;
        throw new AwsError('IllegalLocationConstraintException', message);
      }
      if (world.buckets.has(Bucket ?? '')) {
        throw new AwsError('BucketAlreadyOwnedByYou', 'You own it already.');
      }
      world.buckets.set(Bucket ?? '', { private: false, objects: new Map() });
      return { Location: `/${Bucket}` };
    },
    GetPublicAccessBlock({ Bucket }: s3.GetPublicAccessBlockRequest) {
      if (!bucketOf(Bucket).private) {
        const message = 'The public access block configuration was not found';
        throw new AwsError('NoSuchPublicAccessBlockConfiguration', message);
      }
      const PublicAccessBlockConfiguration = {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      };
      return { PublicAccessBlockConfiguration };
    },
    PutPublicAccessBlock(input: s3.PutPublicAccessBlockRequest) {
      const set = Object.values(input.PublicAccessBlockConfiguration ?? {});
      bucketOf(input.Bucket).private = set.length === 4 && set.every(Boolean);
      return {};
    },
    HeadObject({ Bucket, Key, ChecksumMode }: s3.HeadObjectRequest): s3.HeadObjectOutput {
      const object = bucketOf(Bucket).objects.get(Key ?? '');
      if (object === undefined) throw new AwsError('NoSuchKey', 'Not Found');
      const checksum =
        ChecksumMode === 'ENABLED' && object.sha256 !== undefined
          ? { ChecksumSHA256: object.sha256 }
          : {};
      return { ContentLength: object.body.length, ...checksum };
    },
    PutObject(input: Omit<s3.PutObjectRequest, 'Body'> & { Body?: Uint8Array }) {
      const body = input.Body ?? new Uint8Array();
      const sha256 = createHash('sha256').update(body).digest('base64');
      if (input.ChecksumSHA256 !== undefined && input.ChecksumSHA256 !== sha256) {
        throw new AwsError('BadDigest', 'The SHA256 you specified did not match what was received');
      }
      const known = input.ChecksumSHA256 === undefined ? undefined : sha256;
      bucketOf(input.Bucket).objects.set(input.Key ?? '', { body, sha256: known });
      return { ETag: `"${createHash('md5').update(body).digest('hex')}"` };
    },
  };
}
