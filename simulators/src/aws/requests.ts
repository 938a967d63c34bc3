import { parseXML } from '@aws-sdk/xml-builder';

import {
  shapeOf,
  type Member,
  type Operation,
  type ServiceModel,
  type ServiceName,
  type Shape,
} from './model.ts';

/** A request as it came in over HTTP. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The operation that a request is, and its input by the model's names. */
export interface DecodedRequest {
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
  /** What was sent and the model does not know. */
  readonly strays: readonly string[];
}

interface Route {
  readonly operation: Operation;
  readonly path: RegExp;
  readonly names: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  /** Members without which a request is another operation of the same path. */
  readonly needs: readonly { readonly header: boolean; readonly name: string }[];
}

function needsOf(model: ServiceModel, operation: Operation): Route['needs'] {
  const { members = {}, required = [] } = shapeOf(model, operation.input?.shape ?? '');
  return required.flatMap((name): Route['needs'][number][] => {
    const { location, locationName = name } = members[name] ?? {};
    if (location === 'header') return [{ header: true, name: locationName.toLowerCase() }];
    return location === 'querystring' ? [{ header: false, name: locationName }] : [];
  });
}

function routeOf(model: ServiceModel, operation: Operation): Route {
  const [path = '', query = ''] = operation.http.requestUri.split('?');
  const names: string[] = [];
  const pattern = path.replaceAll(/\{([^}]+)\}|[.*+?^$()|[\]\\]/g, (found, name?: string) => {
    if (name === undefined) return `\\${found}`;
    names.push(name.replace(/\+$/, ''));
    return name.endsWith('+') ? '(.+)' : '([^/]+)';
  });
  return {
    operation,
    path: new RegExp(`^${pattern.replace(/\/$/, '')}/?$`),
    names,
    query: [...new URLSearchParams(query)],
    needs: operation.input === undefined ? [] : needsOf(model, operation),
  };
}

/** Finds the operation of a request among those of a service. */
function finder(model: ServiceModel): (request: RawRequest, url: URL) => Route | null {
  const routes = Object.values(model.operations).map((operation) => routeOf(model, operation));
  // What demands more of a request is looked at first: more of the query, a longer path.
  const weight = ({ query, needs, names, operation }: Route): number =>
    query.length * 10_000 +
    needs.length * 1_000 +
    operation.http.requestUri.length -
    names.length * 20;
  const sorted = routes.toSorted((one, other) => weight(other) - weight(one));
  return ({ method, headers }, url) =>
    sorted.find(
      ({ operation, path, query, needs }) =>
        operation.http.method === method &&
        path.test(url.pathname) &&
        query.every(([name]) => url.searchParams.has(name)) &&
        needs.every(({ header, name }) =>
          header ? headers[name] !== undefined : url.searchParams.has(name),
        ),
    ) ?? null;
}

function scalar(shape: Shape, value: unknown): unknown {
  if (typeof value !== 'string') {
    return shape.type === 'timestamp' && typeof value === 'number'
      ? new Date(value * 1_000)
      : value;
  }
  switch (shape.type) {
    case 'integer':
    case 'long':
    case 'double':
    case 'float':
      return Number(value);
    case 'boolean':
      return value === 'true' || (value !== 'false' && value);
    case 'timestamp':
      return new Date(value);
    case 'blob':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'string':
    case 'structure':
    case 'list':
    case 'map':
      return value;
  }
}

/** A JSON or XML value with the model's names and types. Members it does not know are kept. */
function typed(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  if (value === null || value === undefined) return undefined;
  if (shape.type === 'structure' && typeof value === 'object') {
    const byWireName = new Map(
      Object.entries(shape.members ?? {}).map(([name, member]) => [
        member.locationName ?? name,
        { name, member },
      ]),
    );
    return Object.fromEntries(
      Object.entries(value).map(([wireName, part]) => {
        const known = byWireName.get(wireName);
        if (known === undefined) return [wireName, part];
        return [known.name, typed(model, known.member.shape, part)];
      }),
    );
  }
  if (shape.type === 'list' && Array.isArray(value)) {
    return value.map((part) => typed(model, shape.member?.shape ?? '', part));
  }
  if (shape.type === 'map' && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [
        name,
        typed(model, shape.value?.shape ?? '', part),
      ]),
    );
  }
  return scalar(shape, value);
}

const signed = /^x-amz-(content-sha256|date|security-token|user-agent|sdk-|checksum-|id-2)/;

function located(
  model: ServiceModel,
  shape: Shape,
  route: Route,
  request: RawRequest,
  url: URL,
): { input: Record<string, unknown>; strays: string[] } {
  const input: Record<string, unknown> = {};
  const uri = (route.path.exec(url.pathname) ?? []).slice(1);
  const used = new Set([...route.query.map(([name]) => name), 'x-id']);
  const usedHeaders = new Set<string>();
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const wireName = member.locationName ?? name;
    const put = (text: string | null | undefined): void => {
      if (text !== null && text !== undefined)
        input[name] = scalar(shapeOf(model, member.shape), text);
    };
    if (member.location === 'uri') {
      const text = uri[route.names.indexOf(wireName)];
      put(text === undefined ? null : decodeURIComponent(text));
    } else if (member.location === 'querystring') {
      used.add(wireName);
      put(url.searchParams.get(wireName));
    } else if (member.location === 'header') {
      usedHeaders.add(wireName.toLowerCase());
      put(request.headers[wireName.toLowerCase()]);
    }
  }
  const strays = [
    ...[...url.searchParams.keys()].filter((name) => !used.has(name)).map((name) => `?${name}`),
    ...Object.keys(request.headers).filter(
      (name) => name.startsWith('x-amz') && !usedHeaders.has(name) && !signed.test(name),
    ),
  ];
  return { input, strays };
}

function payloadOf(model: ServiceModel, member: Member, body: Buffer): unknown {
  const shape = shapeOf(model, member.shape);
  if (shape.type === 'blob') return new Uint8Array(body);
  if (body.length === 0) return undefined;
  const text = body.toString('utf8');
  if (!text.startsWith('<')) return typed(model, member.shape, JSON.parse(text));
  const root: unknown = Object.values(parseXML(text) as Record<string, unknown>)[0];
  if (root === null || typeof root !== 'object') return {};
  const attributesLeft = Object.entries(root).filter(([name]) => !/^(@|xmlns|\$)/.test(name));
  return typed(model, member.shape, Object.fromEntries(attributesLeft));
}

function decodeRest(model: ServiceModel, route: Route, request: RawRequest, url: URL) {
  const inputShape = route.operation.input?.shape;
  if (inputShape === undefined) return { input: {}, strays: [] };
  const shape = shapeOf(model, inputShape);
  const { input, strays } = located(model, shape, route, request, url);
  if (shape.payload !== undefined) {
    const member = shape.members?.[shape.payload];
    const value = member === undefined ? undefined : payloadOf(model, member, request.body);
    if (value !== undefined) input[shape.payload] = value;
  } else if (request.body.length > 0) {
    Object.assign(input, typed(model, inputShape, JSON.parse(request.body.toString('utf8'))));
  }
  return { input, strays };
}

function decodeQuery(model: ServiceModel, body: Buffer): DecodedRequest | null {
  const { Action, Version, ...rest } = Object.fromEntries(new URLSearchParams(body.toString()));
  const operation = model.operations[Action ?? ''];
  if (operation === undefined || Version !== model.metadata.apiVersion) return null;
  const shapeName = operation.input?.shape;
  const input = shapeName === undefined ? rest : typed(model, shapeName, rest);
  return { operation, input: input as Record<string, unknown>, strays: [] };
}

/** Reads a request as the model describes it; null for one that is no operation of the service. */
export function decoderOf(model: ServiceModel): (request: RawRequest) => DecodedRequest | null {
  const find = finder(model);
  return (request) => {
    if (model.metadata.protocol === 'query') return decodeQuery(model, request.body);
    const url = new URL(request.url, 'http://stand-in');
    const route = find(request, url);
    if (route === null) return null;
    return { operation: route.operation, ...decodeRest(model, route, request, url) };
  };
}

/** The service that a request is signed for; null for one that is not signed. */
export function serviceOf({ headers }: RawRequest): ServiceName | null {
  const scope = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
    headers.authorization ?? '',
  );
  const byScope: Record<string, ServiceName> = {
    greengrass: 'greengrassv2',
    iam: 'iam',
    iot: 'iot',
    'execute-api': 'iot',
    s3: 's3',
    sts: 'sts',
  };
  return byScope[scope?.[1] ?? ''] ?? null;
}
