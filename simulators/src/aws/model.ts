import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { FoyerError } from '@foyer/contracts';
import { z } from 'zod';

const memberSchema = z.object({
  shape: z.string(),
  location: z.enum(['uri', 'querystring', 'header', 'headers', 'statusCode']).optional(),
  locationName: z.string().optional(),
});
export type Member = z.infer<typeof memberSchema>;

const shapeSchema = z.object({
  type: z.enum([
    'structure',
    'list',
    'map',
    'string',
    'integer',
    'long',
    'double',
    'float',
    'boolean',
    'timestamp',
    'blob',
  ]),
  members: z.record(z.string(), memberSchema).optional(),
  member: memberSchema.optional(),
  key: memberSchema.optional(),
  value: memberSchema.optional(),
  required: z.array(z.string()).optional(),
  payload: z.string().optional(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  flattened: z.boolean().optional(),
  exception: z.boolean().optional(),
  error: z.object({ code: z.string().optional(), httpStatusCode: z.int() }).partial().optional(),
});
export type Shape = z.infer<typeof shapeSchema>;

const operationSchema = z.object({
  name: z.string(),
  http: z.object({
    method: z.string(),
    requestUri: z.string(),
    responseCode: z.int().optional(),
  }),
  input: z.object({ shape: z.string() }).optional(),
  output: z.object({ shape: z.string(), resultWrapper: z.string().optional() }).optional(),
  errors: z.array(z.object({ shape: z.string() })).optional(),
});
export type Operation = z.infer<typeof operationSchema>;

const modelSchema = z.object({
  metadata: z.object({
    protocol: z.enum(['rest-json', 'rest-xml', 'query']),
    apiVersion: z.string(),
  }),
  operations: z.record(z.string(), operationSchema),
  shapes: z.record(z.string(), shapeSchema),
});
/** Amazon's own description of one of its services. */
export type ServiceModel = z.infer<typeof modelSchema>;

export const services = ['greengrassv2', 'iam', 'iot', 's3', 'sts'] as const;
export type ServiceName = (typeof services)[number];

/** Where Debian's python3-botocore keeps Amazon's service models. */
const modelsDir = '/usr/lib/python3/dist-packages/botocore/data';

/** Reads a model. Throws FoyerError `dependency-missing` where botocore is not installed. */
export function readModel(service: ServiceName): ServiceModel {
  const dir = join(modelsDir, service);
  if (!existsSync(dir)) {
    throw new FoyerError('dependency-missing', `Amazon's model of ${service} is not in ${dir}.`, {
      whatToDo: 'Install it: apt-get install python3-botocore.',
    });
  }
  const version = readdirSync(dir).toSorted().at(-1) ?? '';
  const plain = join(dir, version, 'service-2.json');
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8');
  return modelSchema.parse(JSON.parse(text));
}

/** The shape of that name; a model names no shape that it lacks. */
export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the model lacks shape ${name}`);
  return shape;
}
