import { z } from 'zod';

export type Json = z.infer<ReturnType<typeof z.json>>;
export type JsonObject = { [name: string]: Json };

const sectionSchema = z.record(z.string(), z.json()).nullable().optional();
const requestSchema = z.object({
  state: z.strictObject({ desired: sectionSchema, reported: sectionSchema }),
  version: z.int().min(0).optional(),
  clientToken: z.string().max(64).optional(),
});

export interface Shadow {
  desired: JsonObject;
  reported: JsonObject;
  version: number;
}

/** An answer of the shadow service; `code` is an HTTP status. */
export interface Refusal {
  code: 400 | 404 | 409 | 413;
  message: string;
}

export interface Accepted {
  shadow: Shadow;
  /** What was asked for, as the answer repeats it. */
  state: { desired?: JsonObject | null; reported?: JsonObject | null };
  clientToken?: string;
}

/** "AWS IoT Device Shadow service quotas", AWS General Reference. */
const maxStateBytes = 8 * 1024;
const maxDepth = 8;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null takes a name away; objects are merged, everything else is replaced. */
function merged(known: JsonObject, change: JsonObject): JsonObject {
  const result: JsonObject = { ...known };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    if (value === null) delete result[name];
    else if (isObject(value)) result[name] = merged(isObject(before) ? before : {}, value);
    else result[name] = value;
  }
  return result;
}

/** What is desired and not reported so. */
export function deltaOf({ desired, reported }: Pick<Shadow, 'desired' | 'reported'>): JsonObject {
  const delta: JsonObject = {};
  for (const [name, wanted] of Object.entries(desired)) {
    const found = reported[name];
    if (isObject(wanted) && isObject(found)) {
      const inner = deltaOf({ desired: wanted, reported: found });
      if (Object.keys(inner).length > 0) delta[name] = inner;
    } else if (JSON.stringify(wanted) !== JSON.stringify(found)) delta[name] = wanted;
  }
  return delta;
}

function depthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function refusalOf(shadow: Shadow): Refusal | null {
  for (const section of [shadow.desired, shadow.reported]) {
    if (Buffer.byteLength(JSON.stringify(section)) > maxStateBytes) {
      return { code: 413, message: 'The payload exceeds the maximum size allowed' };
    }
    if (depthOf(section) > maxDepth) {
      return { code: 400, message: 'JSON contains too many levels of nesting; maximum is 8' };
    }
  }
  return null;
}

/** What the shadow service makes of an update: the new document, or why not. */
export function updateShadow(known: Shadow | null, request: unknown): Accepted | Refusal {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) return { code: 400, message: 'Missing required node: state' };
  const { state, version, clientToken } = parsed.data;
  const before = known ?? { desired: {}, reported: {}, version: 0 };
  if (version !== undefined && version !== before.version) {
    return { code: 409, message: 'Version conflict' };
  }
  const section = (name: 'desired' | 'reported'): JsonObject => {
    const change = state[name];
    if (change === null) return {};
    return change === undefined ? before[name] : merged(before[name], change);
  };
  const shadow = {
    desired: section('desired'),
    reported: section('reported'),
    version: before.version + 1,
  };
  return (
    refusalOf(shadow) ?? { shadow, state, ...(clientToken === undefined ? {} : { clientToken }) }
  );
}
