import { readFileSync } from 'node:fs';

import { FoyerError, nodeIdSchema, roleSchema, theatreNoSchema } from '@foyer/contracts';
import type { AbortRule, Box, Configuration, Rollout } from '@foyer/greengrass-recipes/fleet';
import { z } from 'zod';

function wrong(option: string, detail: string): FoyerError {
  return new FoyerError('bad-request', `--${option} is wrong: ${detail}.`, {
    whatToDo: 'Run `foyer fleet COMMAND --help` for the options.',
  });
}

function parsed<T extends z.ZodType>(
  schema: T,
  value: unknown,
  option: string,
  detail: string,
): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw wrong(option, detail);
  return result.data;
}

export interface BoxWords {
  theatre?: string;
  node?: string;
  role?: string;
}

/** The box that `--theatre`, `--node` and `--role` name; a role is told by the node's name, too. */
export function boxOf({ theatre, node, role }: BoxWords): Box {
  const theatreNo = parsed(
    theatreNoSchema,
    Number(theatre),
    'theatre',
    'give a number from 1 to 65535',
  );
  const detail = 'give a lower-case letter, then up to 31 of a-z, 0-9 and -';
  const nodeId = parsed(nodeIdSchema, node, 'node', detail);
  const told = role ?? roleSchema.options.find((part) => nodeId.startsWith(part)) ?? 'gate';
  return {
    theatreNo,
    nodeId,
    role: parsed(roleSchema, told, 'role', 'give theatre, gate or screen'),
  };
}

export function wholeNumber(text: string, option: string, min: number, max: number): number {
  const detail = `give a whole number from ${min} to ${max}`;
  return parsed(z.coerce.number().int().min(min).max(max), text, option, detail);
}

export function roleFrom(text: string): Box['role'] {
  return parsed(roleSchema, text, 'role', 'give theatre, gate or screen');
}

/** `name=value,name=value` as an object of texts. */
function pairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

const rate = z.coerce.number().int().min(1).max(1_000);
const rolloutSchema = z.strictObject({
  base: rate,
  factor: z.coerce.number().min(1.1).max(5),
  after: z.coerce.number().int().min(1),
  max: rate,
});

/** `base=5,factor=2,after=5,max=50`. */
export function rolloutOf(text: string): Rollout {
  const detail = 'give base=1..1000,factor=1.1..5,after=BOXES,max=1..1000';
  const { base, factor, after, max } = parsed(rolloutSchema, pairs(text), 'rollout', detail);
  return { perMinute: base, factor, afterSucceeded: after, maxPerMinute: max };
}

const percent = z
  .string()
  .regex(/^\d{1,3}(\.\d+)?%$/)
  .transform((text) => Number(text.slice(0, -1)))
  .pipe(z.number().gt(0).max(100));
const abortSchema = z.union([
  z.strictObject({ failed: percent, after: z.coerce.number().int().min(1) }),
  z.strictObject({ rejected: percent, after: z.coerce.number().int().min(1) }),
  z.strictObject({ 'timed-out': percent, after: z.coerce.number().int().min(1) }),
  z.strictObject({ all: percent, after: z.coerce.number().int().min(1) }),
]);

/** `failed=10%,after=5`; also rejected, timed-out, all. */
export function abortOf(text: string): AbortRule {
  const detail = 'give failed|rejected|timed-out|all=PERCENT%,after=BOXES';
  const { after, ...rule } = parsed(abortSchema, pairs(text), 'abort', detail);
  const [[name, share] = ['all', 0]] = Object.entries(rule);
  const kinds: Record<string, AbortRule['on']> = {
    failed: 'FAILED',
    rejected: 'REJECTED',
    'timed-out': 'TIMED_OUT',
    all: 'ALL',
  };
  return { on: kinds[name] ?? 'ALL', percent: Number(share), afterFinished: after };
}

const configurationSchema = z.record(
  z.string().min(1),
  z.strictObject({
    merge: z.record(z.string(), z.unknown()).optional(),
    reset: z.array(z.string().regex(/^(\/|$)/)).optional(),
  }),
);

/** Reads `{"COMPONENT": {"merge": {...}, "reset": ["/pointer"]}}`. */
export function configurationOf(file: string): Configuration {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new FoyerError('bad-request', `${file} is no JSON file.`, { cause });
  }
  const detail = 'the file must say {"COMPONENT": {"merge": {...}, "reset": ["/pointer"]}}';
  return parsed(configurationSchema, content, 'config', detail);
}

/** `NAME=VERSION` pairs; a name alone gets `version`. */
export function furtherOf(words: readonly string[], version: string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', own = version] = word.split('=');
      return [name, own];
    }),
  );
}

const peerSchema = z.tuple([nodeIdSchema, z.url({ protocol: /^wss$/ })]);

/** `NODE=wss://HOST:PORT` words. */
export function peersOf(words: readonly string[]): Record<string, string> {
  const detail = 'give NODE=wss://HOST:PORT, as theatre=wss://10.0.7.2:8443';
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      const pair = [word.slice(0, Math.max(0, at)), word.slice(at + 1)];
      return parsed(peerSchema, pair, 'peer', detail);
    }),
  );
}

const versionSchema = z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);

export function versionOf(text: string): string {
  return parsed(versionSchema, text, 'version', 'give MAJOR.MINOR.PATCH, as 0.1.0');
}

const bucketSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

export function bucketOf(text: string): string {
  const detail = 'give 3 to 63 of a-z, 0-9, - and . (bucket names are shared by all of AWS)';
  return parsed(bucketSchema, text, 'bucket', detail);
}
