import type { Call } from './calls.ts';

/** A call as `--dry-run` shows it: JSON alone, nothing secret. */
export interface PrintedCall {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly why: string;
}

// Members whose text is a JSON document of its own.
const documents = new Set([
  'policyDocument',
  'PolicyDocument',
  'AssumeRolePolicyDocument',
  'templateBody',
  'inlineRecipe',
  'merge',
]);

const secretName = /secret|password|token|private|credential|apikey|api_key/i;
const pemKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

function redacted(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    return pemKey.test(value) || (secretName.test(key) && value !== '') ? '(redacted)' : value;
  }
  if (Array.isArray(value)) return value.map((inner) => redacted(key, inner));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redacted(name, inner)]),
  );
}

function unpacked(key: string, value: unknown): unknown {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
  if (typeof text === 'string' && documents.has(key)) return unpacked('', JSON.parse(text));
  if (Array.isArray(text)) return text.map((inner) => unpacked('', inner));
  if (text === null || typeof text !== 'object') return text;
  return Object.fromEntries(
    Object.entries(text).map(([name, inner]) => [name, unpacked(name, inner)]),
  );
}

/**
 * The call for a reader. Documents that the API takes as text or bytes (policies, recipes,
 * configuration) are shown as what they say; what looks like a secret in them is left out.
 */
export function printed({ operation, input, why }: Call): PrintedCall {
  const [service, name] = operation.split(':');
  const shown = redacted('', unpacked('', input));
  return { service: service ?? '', operation: name ?? '', input: shown, why };
}
