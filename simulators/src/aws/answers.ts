import { XmlText } from '@aws-sdk/xml-builder';

import { shapeOf, type Operation, type ServiceModel, type Shape } from './model.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A refusal, as AWS names it. */
export class AwsError extends Error {
  readonly members: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.members = members;
  }
}

type Values = Readonly<Record<string, unknown>>;

const escaped = (words: string): string => new XmlText(words).toString();

function json(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(json);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, json(inner)]));
}

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function xml(model: ServiceModel, shapeName: string, value: unknown): string {
  const shape = shapeOf(model, shapeName);
  if (Array.isArray(value)) {
    const tag = shape.member?.locationName ?? 'member';
    const inner = shape.member?.shape ?? '';
    return value.map((one) => `<${tag}>${xml(model, inner, one)}</${tag}>`).join('');
  }
  if (shape.type !== 'structure') return escaped(text(value));
  return Object.entries(shape.members ?? {})
    .map(([name, member]) => {
      const part: unknown = value === null ? undefined : Reflect.get(Object(value), name);
      if (part === undefined) return '';
      const tag = member.locationName ?? name;
      return `<${tag}>${xml(model, member.shape, part)}</${tag}>`;
    })
    .join('');
}

function headersOf(shape: Shape, output: Values): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, { location, locationName }] of Object.entries(shape.members ?? {})) {
    const value = output[name];
    if (location === 'header' && value !== undefined) headers[locationName ?? name] = text(value);
  }
  return headers;
}

function bodyMembers(shape: Shape, output: Values): Values {
  return Object.fromEntries(
    Object.entries(output).filter(([name]) => shape.members?.[name]?.location === undefined),
  );
}

/** Writes an output as the service's protocol does. */
export function encodeAnswer(model: ServiceModel, operation: Operation, output: Values): RawAnswer {
  const { protocol } = model.metadata;
  const status = operation.http.responseCode ?? 200;
  const name = operation.output?.shape;
  if (protocol === 'query') {
    const wrapper = operation.output?.resultWrapper ?? `${operation.name}Result`;
    const inner = name === undefined ? '' : xml(model, name, output);
    const result = `<${wrapper}>${inner}</${wrapper}>`;
    const body = `<${operation.name}Response>${result}</${operation.name}Response>`;
    return { status, headers: { 'content-type': 'text/xml' }, body };
  }
  if (name === undefined) return { status, headers: {}, body: '' };
  const shape = shapeOf(model, name);
  const headers = headersOf(shape, output);
  if (protocol === 'rest-json') {
    const body = JSON.stringify(json(bodyMembers(shape, output)));
    return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
  }
  const payload = shape.payload;
  if (payload === undefined) return { status, headers, body: '' };
  const value = output[payload];
  if (value instanceof Uint8Array) return { status, headers, body: value };
  const inner = shape.members?.[payload];
  const tag = inner?.locationName ?? payload;
  const body = inner === undefined ? '' : `<${tag}>${xml(model, inner.shape, value)}</${tag}>`;
  return { status, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

const usualStatus: Readonly<Record<string, number>> = {
  ThrottlingException: 429,
  Throttling: 400,
  SlowDown: 503,
  AccessDeniedException: 403,
  AccessDenied: 403,
  InvalidClientTokenId: 403,
  UnrecognizedClientException: 403,
  InternalFailureException: 500,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
};

/** Writes a refusal as the service's protocol does. */
export function encodeError(model: ServiceModel, error: AwsError, head: boolean): RawAnswer {
  const shape = model.shapes[error.name];
  const status = shape?.error?.httpStatusCode ?? usualStatus[error.name] ?? 400;
  const code = shape?.error?.code ?? error.name;
  if (model.metadata.protocol === 'rest-json') {
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
      body: JSON.stringify({ message: error.message, ...error.members }),
    };
  }
  const headers = { 'content-type': 'application/xml' };
  if (head) return { status, headers, body: '' };
  const inner = `<Code>${code}</Code><Message>${escaped(error.message)}</Message>`;
  const whole =
    model.metadata.protocol === 'query'
      ? `<ErrorResponse><Error>${inner}</Error></ErrorResponse>`
      : `<Error>${inner}</Error>`;
  return { status, headers, body: whole };
}
