import { z } from 'zod';

import type { Operation } from '../api/common.ts';
import { problemSchema } from '../api/common.ts';
import { bookingOperations, catalogueOperations } from '../api/booking.ts';
import { contentOperations } from '../api/content.ts';
import { scannerOperations } from '../api/frames.ts';
import { localEventSchemas, localOperations } from '../api/local.ts';
import { paymentOperations } from '../api/payment.ts';
import { errorCatalogue, httpStatusOfCode, type ErrorCode } from '../errors.ts';
import { namedSchemas, reachableNames, schemaOrRef, type JsonObject } from './json-schemas.ts';

const target = 'draft-2020-12';

export interface HttpApi {
  /** Of the document: `openapi-NAME.json`. */
  name: string;
  title: string;
  description: string;
  operations: Readonly<Record<string, Operation>>;
  /** Bodies that are no JSON, by operation. */
  rawBodies?: Readonly<Record<string, readonly string[]>>;
}

export const httpApis: readonly HttpApi[] = [
  {
    name: 'local',
    title: 'Foyer: local API of a node',
    description: 'What scanners, gate pages and scripts use, on loopback.',
    operations: localOperations,
  },
  {
    name: 'booking',
    title: 'Foyer: booking API',
    description: 'Catalogue, seat holds, bookings, e-tickets, and what came in from the theatres.',
    operations: { ...catalogueOperations, ...bookingOperations },
  },
  {
    name: 'content',
    title: 'Foyer: content of screens',
    description: 'Screens, media, items, campaigns, and what was played.',
    operations: contentOperations,
    rawBodies: {
      putMedia: [
        ...['image/png', 'image/jpeg', 'image/webp'],
        ...['video/mp4', 'video/webm', 'text/html'],
      ],
    },
  },
  {
    name: 'scanner',
    title: "Foyer: scanner's frame API",
    description: 'An image in, what was read out.',
    operations: scannerOperations,
    rawBodies: { frame: ['image/png', 'image/jpeg', 'image/webp', 'application/octet-stream'] },
  },
  {
    name: 'payment',
    title: 'Foyer: payment provider',
    description: 'What the booking API asks of a payment provider.',
    operations: paymentOperations,
  },
];

/** Express writes `:name`, OpenAPI `{name}`. */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, '{$1}');
}

function parameters(
  place: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
): JsonObject[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, part]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(part, undefined).success,
    schema: schemaOrRef(part as z.ZodType, target),
  }));
}

function requestBody(api: HttpApi, id: string, operation: Operation): JsonObject {
  const raw = api.rawBodies?.[id];
  if (raw !== undefined) {
    return {
      requestBody: { required: true, content: Object.fromEntries(raw.map((each) => [each, {}])) },
    };
  }
  if (operation.body === undefined) return {};
  const schema = schemaOrRef(operation.body, target);
  return { requestBody: { required: true, content: { 'application/json': { schema } } } };
}

function success(operation: Operation): JsonObject {
  const mediaType = operation.mediaType ?? 'application/json';
  if (operation.response === undefined) {
    // An event stream carries objects of these shapes, each under the event's name.
    const isStream = mediaType === 'text/event-stream';
    const events = Object.values(localEventSchemas).map((each) => schemaOrRef(each, target));
    return {
      description: 'Done.',
      content: { [mediaType]: isStream ? { schema: { anyOf: events } } : {} },
    };
  }
  return {
    description: 'Done.',
    content: { [mediaType]: { schema: schemaOrRef(operation.response, target) } },
  };
}

function isErrorCode(code: string): code is ErrorCode {
  return code in errorCatalogue;
}

/** The refusals by HTTP status, each naming the codes it may carry. */
function refusals(operation: Operation): JsonObject {
  const codes = ['bad-request', ...operation.errors].filter(isErrorCode);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = httpStatusOfCode[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = schemaOrRef(problemSchema, target);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: `Refused: ${some.map((code) => `\`${code}\``).join(', ')}.`,
        content: { 'application/json': { schema } },
      },
    ]),
  );
}

function operationObject(api: HttpApi, id: string, operation: Operation): JsonObject {
  const all = [
    ...parameters('path', operation.params),
    ...parameters('query', operation.query),
    ...parameters('header', operation.headers),
  ];
  return {
    operationId: id,
    summary: operation.summary,
    ...(all.length > 0 ? { parameters: all } : {}),
    ...requestBody(api, id, operation),
    responses: { [operation.status]: success(operation), ...refusals(operation) },
    ...(operation.errors.includes('unauthorised') ? { security: [{ apiKey: [] }] } : {}),
  };
}

/** The OpenAPI 3.1 document of an API. */
export function openApiDocument(api: HttpApi): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [id, operation] of Object.entries(api.operations)) {
    const path = openApiPath(operation.path);
    paths[path] = { ...paths[path], [operation.method]: operationObject(api, id, operation) };
  }
  const schemas = namedSchemas(target);
  const used = reachableNames(paths, schemas);
  const secured = Object.values(api.operations).some((each) =>
    each.errors.includes('unauthorised'),
  );
  return {
    openapi: '3.1.0',
    info: { title: api.title, description: api.description, version: '1' },
    paths,
    components: {
      schemas: Object.fromEntries(used.map((name) => [name, schemas[name]])),
      ...(secured ? { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  };
}
