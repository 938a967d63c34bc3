import { shapeOf, type ServiceModel, type Shape } from './model.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function outside({ min, max }: Shape, size: number, what: string): string[] {
  if (min !== undefined && size < min) return [`${what} ${size} is under ${min}`];
  if (max !== undefined && size > max) return [`${what} ${size} is over ${max}`];
  return [];
}

function textFaults(shape: Shape, value: string): string[] {
  const faults = outside(shape, [...value].length, 'length');
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    faults.push(`"${value}" is none of ${shape.enum.join(', ')}`);
  }
  if (shape.pattern !== undefined) {
    // The models' patterns are whole matches, in Java's dialect; this class JavaScript lacks.
    const source = shape.pattern.replaceAll('\\p{Graph}', String.raw`\x21-\x7e`);
    const pattern = new RegExp(`^(?:${source})$`, 'u');
    if (!pattern.test(value)) faults.push(`"${value}" does not match ${shape.pattern}`);
  }
  return faults;
}

function structureFaults(model: ServiceModel, shape: Shape, value: unknown, at: string): string[] {
  if (!isRecord(value)) return [`${at}: is no structure`];
  const members = shape.members ?? {};
  const missing = (shape.required ?? [])
    .filter((name) => value[name] === undefined || value[name] === null)
    .map((name) => `${at}.${name}: is required`);
  const inner = Object.entries(value).flatMap(([name, part]) => {
    const member = members[name];
    if (member === undefined) return [`${at}.${name}: the model has no such member`];
    return part === undefined ? [] : faultsOf(model, member.shape, part, `${at}.${name}`);
  });
  return [...missing, ...inner];
}

function scalarFaults(shape: Shape, value: unknown): string[] {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? textFaults(shape, value) : ['is no text'];
    case 'integer':
    case 'long':
      return Number.isInteger(value) ? outside(shape, Number(value), 'value') : ['is no integer'];
    case 'double':
    case 'float':
      return typeof value === 'number' ? outside(shape, value, 'value') : ['is no number'];
    case 'boolean':
      return typeof value === 'boolean' ? [] : ['is no boolean'];
    case 'timestamp':
      return value instanceof Date ? [] : ['is no time'];
    case 'blob':
      return value instanceof Uint8Array ? outside(shape, value.length, 'length') : ['is no blob'];
    case 'structure':
    case 'list':
    case 'map':
      return [];
  }
}

/** What of `value` the model does not allow: paths with a reason. Empty where all of it fits. */
export function faultsOf(
  model: ServiceModel,
  shapeName: string,
  value: unknown,
  at: string,
): string[] {
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'structure') return structureFaults(model, shape, value, at);
  if (shape.type === 'list') {
    if (!Array.isArray(value)) return [`${at}: is no list`];
    const name = shape.member?.shape ?? '';
    const sizes = outside(shape, value.length, 'length').map((fault) => `${at}: ${fault}`);
    return [...sizes, ...value.flatMap((v, i) => faultsOf(model, name, v, `${at}[${i}]`))];
  }
  if (shape.type === 'map') {
    if (!isRecord(value)) return [`${at}: is no map`];
    const { key, value: inner } = shape;
    return Object.entries(value).flatMap(([name, part]) => [
      ...faultsOf(model, key?.shape ?? '', name, `${at} key`),
      ...faultsOf(model, inner?.shape ?? '', part, `${at}.${name}`),
    ]);
  }
  return scalarFaults(shape, value).map((fault) => `${at}: ${fault}`);
}
